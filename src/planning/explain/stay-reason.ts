import type { PlacementOption, RemainingReplica, StayReason } from '../../domain/explanation.ts';
import type { ObstacleCode } from '../../domain/plan.ts';
import { immobilityCode, mayGive } from '../constraints/admission.ts';
import { replacesTerms } from '../extension.ts';
import type { PlacementState } from '../placement-state.ts';
import { rounded } from '../rounded.ts';
import type { PlacedPlan } from './placed-plan.ts';
import type { Option, Survey } from './survey-destinations.ts';

/**
 * Why a replica is where it is after the plan, the first that holds: the plan has only moves that were asked for; its
 * shard or node may not move; the search wanted to and found no order; its node is balanced; a move would still be worth
 * it; the budget; the price; the rule that refuses the best destination; nothing is better.
 */
export function stayReason(plan: PlacedPlan, replica: number, survey: Survey): StayReason {
  return (
    fixedReason(plan, replica) ??
    orderReason(plan, replica) ??
    marketReason(plan, replica, survey) ??
    noBetter(plan, replica, survey)
  );
}

/** What holds whatever other nodes say. */
function fixedReason(plan: PlacedPlan, replica: number): StayReason | null {
  const { problem, after } = plan;
  const { shards, nodes } = { shards: problem.shards, nodes: problem.request.snapshot.nodes };
  if (problem.request.task.kind === 'fixed') {
    return reason(
      'notRequested',
      subjectOf(plan, replica),
      'the plan has only the moves that were asked for',
    );
  }
  const shard = problem.shardOf[replica];
  const immobile = immobilityCode(problem, shard);
  if (immobile !== null) {
    const why: Partial<Record<ObstacleCode, string>> = {
      cooldown: 'rests: it moved recently, or too few healthy copies of it are left',
      pin: 'is kept where it is by a pin of the policy',
    };
    const message = `shard ${shards.ids[shard]} ${why[immobile] ?? 'is paused or disabled'}`;
    return reason(immobile, `shard/${shards.ids[shard]}`, message);
  }
  const node = after.state.nodeOf[replica];
  if (mayGive(problem, node)) return null;
  const message = `node ${nodes[node].id} rests: something moved there recently`;
  return reason('cooldown', `node/${nodes[node].id}`, message);
}

/** The search moved it, and no order of the moves got it there. */
function orderReason({ request, problem }: PlacedPlan, replica: number): StayReason | null {
  const number = problem.shards.replicaNumbers[replica];
  const subject = `shard/${problem.shards.ids[problem.shardOf[replica]]}`;
  const found = request.obstacles.find(
    (each) =>
      each.subject === subject &&
      (each.code === 'intermediateCapacity' || each.code === 'transientCapacity') &&
      each.message.startsWith(`replica ${number} `),
  );
  return found ? reason(found.code, subject, found.message) : null;
}

/** What the other nodes say. */
function marketReason(plan: PlacedPlan, replica: number, survey: Survey): StayReason | null {
  const { best, bestAllowed, bestUnaffordable } = survey;
  // What others' terms count instead of load knows no share.
  if (!survey.mustGo && !replacesTerms(plan.problem)) {
    const node = plan.after.state.nodeOf[replica];
    const fullest = fullestDimension(plan, plan.after.state, node);
    if (fullest !== null && fullest.excess <= 0) return withinTolerance(plan, node, fullest);
  }
  if (bestAllowed?.weighed.isWorthwhile) return improvementLeft(plan, bestAllowed);
  if (bestUnaffordable?.weighed.isWorthwhile) return refusalReason(bestUnaffordable);
  if (bestAllowed?.weighed.isBetter) return gainBelowPrice(plan, bestAllowed);
  if (best?.weighed.isBetter) return refusalReason(best);
  if (survey.mustGo || !best) {
    const most = survey.told.refusals[0];
    const message = most
      ? `${survey.told.asked} other nodes, and none takes it: ${most.nodes} by "${most.rule}"`
      : 'there is no other node';
    return reason(most?.code ?? 'nodeTakesNothing', subjectOf(plan, replica), message);
  }
  return null;
}

function noBetter(plan: PlacedPlan, replica: number, { bestAllowed, best }: Survey): StayReason {
  const option = bestAllowed ?? best;
  if (!option)
    return reason('noBetterDestination', subjectOf(plan, replica), 'no other node would be better');
  const { told, weighed } = option;
  const allowed = told.refusals.length === 0 ? ' of those allowed' : '';
  const why =
    weighed.raisesPeak && told.gain > 0
      ? 'would leave a node hotter than the hottest'
      : `would lose ${rounded(Math.max(0, -told.gain))}`;
  const message = `no other node would be better: the best${allowed}, ${told.node}, ${why}`;
  return { ...reason('noBetterDestination', `node/${told.node}`, message), observed: told.gain };
}

function improvementLeft(plan: PlacedPlan, { told }: Option): StayReason {
  const limit = priceBar(plan, told);
  const message = `node ${told.node} would gain ${rounded(told.gain)} where policy asks for ${rounded(limit)}: the search did not find this move`;
  return { ...reason('improvementLeft', `node/${told.node}`, message), observed: told.gain, limit };
}

/** The gain from which policy lets a move be made. */
function priceBar({ problem }: PlacedPlan, { price }: PlacementOption): number {
  return problem.request.policy.benefit.minGainPerPrice * price;
}

function gainBelowPrice(plan: PlacedPlan, { told }: Option): StayReason {
  const limit = priceBar(plan, told);
  const message = `the best node that the rules allow, ${told.node}, would gain ${rounded(told.gain)}; policy asks for ${rounded(limit)}`;
  return { ...reason('gainBelowPrice', `node/${told.node}`, message), observed: told.gain, limit };
}

/** The best destination, and the first rule that refuses it. */
function refusalReason({ told }: Option): StayReason {
  const [first] = told.refusals;
  if (!first) return reason('noFeasibleDestination', `node/${told.node}`, `node ${told.node} refuses it`);
  const { code, subject, dimension, observed, limit } = first;
  const message = `node ${told.node} would be better by ${rounded(told.gain)}, but ${first.message}`;
  return { code, subject, dimension, observed, limit, message };
}

/** How far a node is from its fair share, in the weighted dimension in which it is fullest against it. */
export interface Fullness {
  readonly dimension: number;
  readonly load: number;
  readonly share: number;
  /**
   * Load above what nodes of the plan began to give from, or above the target where that is lower, relative to it; 0 or less: it
   * carries no more.
   */
  readonly excess: number;
}

/** Null when no weighted dimension has load and capacity, or the node is outside the balance. */
export function fullestDimension(
  { problem, factors, beginHeat }: PlacedPlan,
  state: PlacementState,
  node: number,
): Fullness | null {
  // As `ShedLines.begin` has it: a node gives nothing until it is above that.
  const begin = beginHeat / (1 + factors.tolerance);
  let fullest: Fullness | null = null;
  for (let d = 0; d < problem.width; d++) {
    const at = node * problem.width + d;
    const share = factors.meanUtilization[d] * problem.nodes.effective[at];
    if (factors.weights[d] === 0 || !(share > 0) || problem.nodes.vacate[node] === 1) continue;
    const bound = Math.min(factors.line[at] * begin, problem.nodes.target[at]);
    const excess = (state.load[at] - bound * (1 + rounding)) / bound;
    if (fullest === null || excess > fullest.excess)
      fullest = { dimension: d, load: state.load[at], share, excess };
  }
  return fullest;
}

/** Relative slack in comparisons of sums of doubles. */
const rounding = 1e-9;

function withinTolerance({ problem, beginHeat }: PlacedPlan, node: number, fullest: Fullness): StayReason {
  const { id } = problem.request.snapshot.nodes[node];
  const { name } = problem.dimensions[fullest.dimension];
  return {
    code: 'withinTolerance',
    subject: `node/${id}`,
    dimension: name,
    observed: fullest.load,
    limit: fullest.share,
    message: `node ${id} is balanced: it carries ${rounded(fullest.load)} ${name}, its share is ${rounded(fullest.share)} and ${rounded(100 * (beginHeat - 1))}% more is tolerated`,
  };
}

/**
 * Why the node as a whole is left as it is: it is balanced, or what keeps the replica that is nearest to leaving.
 *
 * @param stays of what remains, the largest first
 */
export function nodeStanding(plan: PlacedPlan, node: number, stays: readonly RemainingReplica[]): StayReason {
  const { problem, after } = plan;
  const { id } = problem.request.snapshot.nodes[node];
  const subject = `node/${id}`;
  // Of those that would be better elsewhere the largest; of others the largest is the hardest to place.
  const nearest = stays.find(({ best }) => best !== null && best.gain > 0) ?? stays[0];
  const kept = nearest ? `; of shard ${nearest.shard} a replica stays: ${nearest.stay.message}` : '';
  const code = nearest?.stay.code ?? 'noBetterDestination';
  if (problem.nodes.vacate[node] === 1) {
    const observed = after.state.count[node];
    if (observed === 0) return reason('withinTolerance', subject, `node ${id} is empty after the plan`);
    const message = `${observed} replicas must still leave node ${id}${kept}`;
    return { ...reason(code, subject, message), observed };
  }
  const fullest = fullestDimension(plan, after.state, node);
  if (fullest === null)
    return reason('withinTolerance', subject, `node ${id} carries nothing that is balanced`);
  if (fullest.excess <= 0) return withinTolerance(plan, node, fullest);
  const { name } = problem.dimensions[fullest.dimension];
  const message = `node ${id} carries ${rounded(fullest.load)} ${name}, its share is ${rounded(fullest.share)}${kept}`;
  return { code, subject, dimension: name, observed: fullest.load, limit: fullest.share, message };
}

function subjectOf({ problem }: PlacedPlan, replica: number): string {
  return `shard/${problem.shards.ids[problem.shardOf[replica]]}`;
}

function reason(code: ObstacleCode, subject: string, message: string): StayReason {
  return { code, subject, dimension: '', observed: 0, limit: 0, message };
}
