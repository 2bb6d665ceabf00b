import type { MoveReason, MoveReasonCode } from '../domain/move.ts';
import type { Change } from './change.ts';
import type { Constraint } from './constraint.ts';
import { capacityLimits } from './constraints/capacity.ts';
import type { LoadFactors } from './load-factors.ts';
import type { PlacementState } from './placement-state.ts';
import { growthAbove } from './terms/balance.ts';

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
  constraints: readonly Constraint[],
  factors: LoadFactors,
): ReasonWriter {
  const { problem } = state;
  const { vacate, target } = problem.nodes;
  const { nodes } = problem.request.snapshot;
  const limits = capacityLimits(state);
  const codes = constraints.map((constraint) => reasonOfRule[constraint.name] ?? null);
  const subjects: string[] = [];

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
    ruleReasons(change, deltas, reasons);
    if (reasons.length < maxReasons) loadReason(state, change, source, 'overTarget', target, reasons);
    if (reasons.length < maxReasons) balanceReason(state, factors, change, source, reasons);
    if (reasons.length === 0) {
      reasons.push({ code: 'swapPartner', subject: source, before: 0, after: 0, limit: 0 });
    }
    if (reasons.length > maxReasons) reasons.length = maxReasons;
    return reasons;
  };
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
