import { maxObstaclesPerPlan, type Obstacle, type ObstacleCode } from '../domain/plan.ts';
import type { Standing } from './build-objective.ts';
import { type Change, createChange } from './change.ts';
import type { Constraint } from './constraint.ts';
import { immobilityCode, mayGive } from './constraints/admission.ts';
import type { PlacementState } from './placement-state.ts';
import { nodeExcess, nodeHeat } from './search/node-heat.ts';
import type { SearchEngine } from './search/search-engine.ts';
import { beginHeat } from './search/unrest.ts';
import type { WaveResult } from './waves.ts';

/** Destinations that are asked why they do not take a replica. */
const maxDestinationsAsked = 256;

/** Nodes over target that are explained. */
const maxNodesExplained = 20;

/** Who is asked, and whether the search came to its end. */
interface Asked {
  readonly engine: SearchEngine;
  readonly isCutShort: boolean;
}

/**
 * Why what is left was left, the most important first, at most `maxObstaclesPerPlan`: replicas on nodes that must be
 * vacated, violations, moves without an order, nodes over target; and where there is none of these, a budget that keeps the
 * hottest node from giving.
 *
 * Bounded work beside one pass over the replicas: so many nodes and destinations, and only rules that are violated.
 *
 * @param engine over the state that the plan ends in, and its standing
 * @param isCutShort whether the search had looked at all the candidates that it may, or used all its time
 */
export function explainObstacles(
  engine: SearchEngine,
  standing: Standing,
  dropped: WaveResult['dropped'],
  isCutShort: boolean,
): readonly Obstacle[] {
  const asked: Asked = { engine, isCutShort };
  const obstacles: Obstacle[] = [];
  const explained = new Set<number>();
  const isFull = (): boolean => obstacles.length >= maxObstaclesPerPlan;
  const { problem } = engine.state;

  for (const { move, constraint } of dropped) {
    if (isFull()) break;
    explained.add(move.replica);
    obstacles.push({
      code: problem.holdsForPlan ? 'transientCapacity' : 'intermediateCapacity',
      subject: `shard/${problem.shards.ids[problem.shardOf[move.replica]]}`,
      message: `replica ${problem.shards.replicaNumbers[move.replica]} has a better place, but no order of moves reaches it without breaking "${constraint?.name ?? 'one replica of a shard at a time'}"`,
      observed: 0,
      limit: 0,
    });
  }
  for (const replica of strandedReplicas(engine.state, standing.violated)) {
    if (isFull()) break;
    if (explained.has(replica)) continue;
    explained.add(replica);
    obstacles.push(explainReplica(asked, replica));
  }
  for (const obstacle of explainHotNodes(asked)) if (!isFull()) obstacles.push(obstacle);
  return obstacles.length > 0 ? obstacles : explainBudget(asked);
}

/** Replicas that should have moved: off nodes that must be vacated, and out of violations. */
export function strandedReplicas(state: PlacementState, violated: readonly Constraint[]): readonly number[] {
  const { nodeCount, nodes } = state.problem;
  const most = 2 * maxObstaclesPerPlan;
  const found = new Set<number>();
  for (let node = 0; node < nodeCount && found.size < most; node++) {
    if (nodes.vacate[node] === 0 || state.count[node] === 0) continue;
    for (let r = state.first[node]; r >= 0 && found.size < most; r = state.next[r]) found.add(r);
  }
  for (const constraint of violated) {
    constraint.offenders((replica) => {
      if (found.size < most) found.add(replica);
    });
  }
  return [...found];
}

function explainReplica(asked: Asked, replica: number): Obstacle {
  const { state } = asked.engine;
  const { problem } = state;
  const shard = problem.shardOf[replica];
  const node = problem.request.snapshot.nodes[state.nodeOf[replica]].id;
  const nearest = nearestObstacle(asked, replica);
  return {
    code: nearest.code,
    subject: `shard/${problem.shards.ids[shard]}`,
    message: `replica ${problem.shards.replicaNumbers[replica]} stays on node ${node}: ${obstacleText[nearest.code]}`,
    observed: nearest.asked,
    limit: 0,
  };
}

/** What most of the destinations say. */
function nearestObstacle(
  { engine, isCutShort }: Asked,
  replica: number,
): { code: ObstacleCode; asked: number } {
  const { state, constraints, budget } = engine;
  const { problem } = state;
  const immobile = immobilityCode(problem, problem.shardOf[replica]);
  if (immobile !== null) return { code: immobile, asked: 0 };
  if (!mayGive(problem, state.nodeOf[replica])) return { code: 'cooldown', asked: 0 };
  const change = createChange();
  const counts = new Map<ObstacleCode, number>();
  let isLeft = false;
  let asked = 0;
  for (let node = 0; node < problem.nodeCount && asked < maxDestinationsAsked; node++) {
    if (problem.nodes.takes[node] === 0 || node === state.nodeOf[replica]) continue;
    asked += 1;
    state.relocation(change, replica, node);
    const blocking = constraints.find((constraint) => constraint.delta(change) === Number.POSITIVE_INFINITY);
    const code = blocking?.obstacle ?? budget.refuses(change) ?? 'noFeasibleDestination';
    counts.set(code, (counts.get(code) ?? 0) + 1);
    if (isCutShort && code === 'noFeasibleDestination') isLeft ||= isLeftToDo(engine, change);
  }
  if (asked === 0) return { code: 'nodeTakesNothing', asked };
  // A budget that stands in the way of even one destination is what an operator can change.
  for (const code of budgetCodes) {
    if (counts.has(code)) return { code, asked };
  }
  if (isLeft) return { code: 'budgetSearch', asked };
  let best: ObstacleCode = 'noFeasibleDestination';
  for (const [code, count] of counts) if (count > (counts.get(best) ?? 0)) best = code;
  return { code: best, asked };
}

/** Whether the search would have made the change, had it come to it. */
function isLeftToDo(engine: SearchEngine, change: Change): boolean {
  engine.score(change);
  return engine.admits(change) && engine.isWorthwhile(change);
}

function explainHotNodes(asked: Asked): Obstacle[] {
  const { state, factors } = asked.engine;
  const { problem } = state;
  const hot: { readonly node: number; readonly excess: number }[] = [];
  for (let node = 0; node < problem.nodeCount; node++) {
    const excess = nodeExcess(state, factors, node);
    if (excess > 1e-9 && problem.nodes.vacate[node] === 0) hot.push({ node, excess });
  }
  hot.sort((left, right) => right.excess - left.excess || left.node - right.node);
  const explained = hot.slice(0, maxNodesExplained).map(({ node }) => node);
  const dimensions = explained.map((node) => worstDimension(state, node));
  const replicas = largestReplicas(state, explained, dimensions);
  return explained.map((node, index): Obstacle => {
    const worst = dimensions[index];
    const at = node * problem.width + worst;
    const largest = replicas[index];
    const nearest = largest < 0 ? 'noFeasibleDestination' : nearestObstacle(asked, largest).code;
    // Somewhere would take it, yet the search did not move it: it was not worth its price.
    const code = nearest === 'noFeasibleDestination' && largest >= 0 ? 'gainBelowPrice' : nearest;
    return {
      code,
      subject: `node/${problem.request.snapshot.nodes[node].id}`,
      message: `the node stays above target in ${problem.dimensions[worst].name}: ${obstacleText[code]}`,
      observed: state.load[at],
      limit: problem.nodes.target[at],
    };
  });
}

/** An uneven fleet within its targets has no other obstacle than a budget: all else was looked at and weighed. */
function explainBudget(asked: Asked): readonly Obstacle[] {
  const { state, factors } = asked.engine;
  const { nodes, nodeCount } = state.problem;
  let hottest = -1;
  let most = beginHeat(state, factors);
  const begin = most;
  for (let node = 0; node < nodeCount; node++) {
    const heat = nodes.vacate[node] === 0 ? nodeHeat(state, factors, node) : 0;
    if (heat <= most) continue;
    most = heat;
    hottest = node;
  }
  if (hottest < 0) return [];
  const [largest] = largestReplicas(state, [hottest], [worstDimension(state, hottest)]);
  const code = largest < 0 ? 'noFeasibleDestination' : nearestObstacle(asked, largest).code;
  if (!isBudget(code)) return [];
  return [
    {
      code,
      subject: `node/${state.problem.request.snapshot.nodes[hottest].id}`,
      message: `the node stays at ${most.toFixed(2)} times its share: ${obstacleText[code]}`,
      observed: most,
      limit: begin,
    },
  ];
}

const budgetCodes = ['budgetMoves', 'budgetBytes', 'budgetShare'] as const;

const isBudget = (code: ObstacleCode): boolean =>
  code === 'budgetSearch' || budgetCodes.some((each) => each === code);

function worstDimension(state: PlacementState, node: number): number {
  const { width, nodes } = state.problem;
  let worst = 0;
  let most = -1;
  for (let d = 0; d < width; d++) {
    const at = node * width + d;
    const ratio = state.load[at] / (nodes.target[at] || 1);
    if (ratio <= most) continue;
    most = ratio;
    worst = d;
  }
  return worst;
}

/** Per node its replica with most load in the node's dimension, the lowest of equal ones; -1 where none has any. One pass. */
function largestReplicas(
  state: PlacementState,
  nodes: readonly number[],
  dimensions: readonly number[],
): readonly number[] {
  const { problem, rowOf, nodeOf } = state;
  const largest = nodes.map(() => -1);
  if (nodes.length === 0) return largest;
  const most = new Float64Array(nodes.length);
  const indexOf = new Int32Array(problem.nodeCount).fill(-1);
  for (let index = 0; index < nodes.length; index++) indexOf[nodes[index]] = index;
  for (let replica = 0; replica < nodeOf.length; replica++) {
    const index = indexOf[nodeOf[replica]];
    if (index < 0) continue;
    const load = problem.loads[rowOf(replica) * problem.width + dimensions[index]];
    if (load <= most[index]) continue;
    most[index] = load;
    largest[index] = replica;
  }
  return largest;
}

/** Why, as the end of a sentence about a replica. */
export const obstacleText: Readonly<Record<ObstacleCode, string>> = {
  noFeasibleDestination: 'no move of it alone would improve the fleet',
  capacity: 'it would exceed the hard limit of the nodes that could take it',
  spread: "its shard's spread would be broken elsewhere",
  label: 'label rules forbid the other nodes',
  pin: 'a pin keeps it where it is or forbids the other nodes',
  dependency: 'a dependency between groups would be broken',
  replicaOnNode: 'the other nodes hold a replica of its shard already',
  nodeTakesNothing: 'no other node takes replicas',
  concentration: 'the others would hold too large a share of the namespace',
  cooldown: 'it rests: it moved recently, or too few healthy copies of it are left',
  budgetMoves: 'the budget of moves is used up',
  budgetBytes: 'the budget of bytes is used up',
  budgetShare: 'the budget of shards is used up',
  budgetSearch:
    'a move would be worth it, but the search has used up its candidates (budget.maxEvaluations) or its time (budget.maxSearch)',
  gainBelowPrice: 'what a move would gain is less than its price',
  intermediateCapacity: 'there is no room on the way',
  transientCapacity: 'there is no room while both copies are held',
  shardNotMovable: 'its shard is paused or disabled',
  extension: 'a rule of a planner extension forbids the other nodes',
  withinTolerance: 'its node carries no more than its share',
  noBetterDestination: 'no other node would be better',
  improvementLeft: 'the search did not find this move',
  notRequested: 'the plan has only the moves that were asked for',
};
