import type { MoveReason, MoveReasonCode } from '../domain/move.ts';
import type { Change } from './change.ts';
import type { Constraint } from './constraint.ts';
import { capacityLimits } from './constraints/capacity.ts';
import type { LoadFactors } from './load-factors.ts';
import type { PlacementState } from './placement-state.ts';
import type { ObjectiveTerm } from './term.ts';
import { growthAbove } from './terms/balance.ts';
import { allowedLeaders } from './terms/leadership.ts';

/** Reasons per move: more would hide the one that matters. */
const maxReasons = 3;

/** What a repaired rule is called as a reason. Capacity has its own, with loads. */
const reasonOfRule: Readonly<Record<string, MoveReasonCode>> = {
  spread: 'spreadViolated',
  'label rules and pins': 'placementViolated',
  dependencies: 'placementViolated',
  'distinct nodes': 'placementViolated',
  'replicas per node': 'overConcentrated',
  'replicas per zone': 'overConcentrated',
  'share of load per zone': 'overConcentrated',
};

/**
 * Why a change is made, the most important reason first; measured at its place in the order.
 *
 * @param deltas what each of the constraints says of the change
 */
export type ReasonWriter = (change: Change, deltas: Float64Array, staged: boolean) => MoveReason[];

/** A writer over a state that walks through the moves; limits, names and codes are looked up once. O(dimensions + rules). */
export function createReasonWriter(
  state: PlacementState,
  parts: { readonly constraints: readonly Constraint[]; readonly terms: readonly ObjectiveTerm[] },
  factors: LoadFactors,
): ReasonWriter {
  const { problem } = state;
  const { vacate, target } = problem.nodes;
  const { nodes } = problem.request.snapshot;
  const limits = capacityLimits(state);
  const { constraints, terms } = parts;
  const codes = constraints.map((constraint) =>
    constraint.extension === undefined ? (reasonOfRule[constraint.name] ?? null) : null,
  );
  const extended = [...constraints, ...terms].filter((part) => part.extension !== undefined);
  const subjects: string[] = [];
  const countsLeaders = problem.request.policy.benefit.leadershipWeight > 0;

  function subjectOf(node: number): string {
    subjects[node] ??= `node/${nodes[node].id}`;
    return subjects[node];
  }

  function ruleReasons(change: Change, deltas: Float64Array, into: MoveReason[]): void {
    for (let c = 0; c < codes.length; c++) {
      const code = codes[c];
      if (code === null || !(deltas[c] < 0)) continue;
      const subject =
        code === 'overConcentrated'
          ? subjectOf(change.from)
          : `shard/${problem.shards.ids[problem.shardOf[change.replica]]}`;
      into.push({ code, subject, before: -deltas[c], after: 0, limit: 0 });
    }
  }

  return (change, deltas, staged) => {
    const source = subjectOf(change.from);
    const reasons: MoveReason[] = [];
    if (staged) reasons.push({ code: 'stagedForCapacity', subject: source, before: 0, after: 0, limit: 0 });
    if (change.kind === 'relocate' && vacate[change.from] === 1) {
      const count = state.count[change.from];
      reasons.push({ code: 'nodeMustBeVacated', subject: source, before: count, after: count - 1, limit: 0 });
    }
    loadReason(state, change, source, 'capacityExceeded', limits, reasons);
    extensionReasons(extended, change, reasons);
    ruleReasons(change, deltas, reasons);
    if (reasons.length < maxReasons) loadReason(state, change, source, 'overTarget', target, reasons);
    if (reasons.length < maxReasons) balanceReason(state, factors, change, source, reasons);
    if (countsLeaders && change.kind === 'transfer')
      reasons.push(leadershipReason(state, factors, change, source));
    if (reasons.length === 0) {
      reasons.push({ code: 'swapPartner', subject: source, before: 0, after: 0, limit: 0 });
    }
    if (reasons.length > maxReasons) reasons.length = maxReasons;
    return reasons;
  };
}

/** What rules and terms of planner extensions improve by; `before` is how much. */
function extensionReasons(
  parts: readonly (Constraint | ObjectiveTerm)[],
  change: Change,
  into: MoveReason[],
): void {
  for (const part of parts) {
    const delta = part.delta(change);
    if (!(delta < -1e-9)) continue;
    into.push({
      code: 'extension',
      subject: `extension/${part.extension}`,
      before: -delta,
      after: 0,
      limit: 0,
    });
  }
}

/** The dimension in which the source is over its limit and loses most of the excess. */
function loadReason(
  state: PlacementState,
  change: Change,
  subject: string,
  code: MoveReasonCode,
  limits: Float64Array,
  into: MoveReason[],
): void {
  const { width, dimensions } = state.problem;
  let worst = -1;
  let most = 0;
  for (let d = 0; d < width; d++) {
    const at = change.from * width + d;
    const before = state.load[at];
    const amount = change.loads[change.offset + d];
    const limit = limits[at];
    if (amount <= 0 || !(before > limit * (1 + 1e-12))) continue;
    const relief = Math.min(amount, before - limit) / (limit > 0 ? limit : 1);
    if (relief <= most) continue;
    most = relief;
    worst = d;
  }
  if (worst < 0) return;
  const at = change.from * width + worst;
  const before = state.load[at];
  const after = before - change.loads[change.offset + worst];
  into.push({ code, subject, dimension: dimensions[worst].name, before, after, limit: limits[at] });
}

/** Leaders of the source before and after, against its fair share. O(replicas of the node). */
function leadershipReason(
  state: PlacementState,
  factors: LoadFactors,
  change: Change,
  subject: string,
): MoveReason {
  let leaders = 0;
  for (let r = state.first[change.from]; r >= 0; r = state.next[r]) leaders += state.leads[r];
  const limit = allowedLeaders(state.problem, factors)[change.from];
  return { code: 'leadershipImbalance', subject, before: leaders, after: leaders - 1, limit };
}

/** The dimension whose balance gains most: utilisation of the source before and after, against the mean. */
function balanceReason(
  state: PlacementState,
  factors: LoadFactors,
  change: Change,
  subject: string,
  into: MoveReason[],
): void {
  const { width, dimensions, nodes } = state.problem;
  const growthAt = (at: number, amount: number): number =>
    factors.balance[at] > 0
      ? factors.balance[at] * growthAbove(factors.line[at], state.load[at], state.load[at] + amount)
      : 0;
  let best = -1;
  let most = 0;
  for (let d = 0; d < width; d++) {
    const from = change.from * width + d;
    const amount = change.loads[change.offset + d];
    const gain = -growthAt(from, -amount) - growthAt(change.to * width + d, amount);
    if (gain <= most || nodes.effective[from] <= 0) continue;
    most = gain;
    best = d;
  }
  if (best < 0) return;
  const at = change.from * width + best;
  const capacity = nodes.effective[at];
  into.push({
    code: change.kind === 'transfer' ? 'leadershipImbalance' : 'imbalance',
    subject,
    dimension: dimensions[best].name,
    before: state.load[at] / capacity,
    after: (state.load[at] - change.loads[change.offset + best]) / capacity,
    limit: factors.meanUtilization[best],
  });
}
