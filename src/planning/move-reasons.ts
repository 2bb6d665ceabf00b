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

/** Why the change is made, the most important reason first; measured at its place in the order. */
export function moveReasons(
  state: PlacementState,
  constraints: readonly Constraint[],
  factors: LoadFactors,
  change: Change,
  staged: boolean,
): readonly MoveReason[] {
  const { problem } = state;
  const source = `node/${problem.request.snapshot.nodes[change.from].id}`;
  const reasons: MoveReason[] = [];
  if (staged) reasons.push({ code: 'stagedForCapacity', subject: source, before: 0, after: 0, limit: 0 });
  if (change.kind === 'relocate' && problem.nodes.vacate[change.from] === 1) {
    const count = state.count[change.from];
    reasons.push({ code: 'nodeMustBeVacated', subject: source, before: count, after: count - 1, limit: 0 });
  }
  reasons.push(...loadReason(state, change, source, 'capacityExceeded', capacityLimits(state)));
  for (const constraint of constraints) {
    const code = reasonOfRule[constraint.name];
    if (code === undefined) continue;
    const delta = constraint.delta(change);
    if (!(delta < 0)) continue;
    const subject =
      code === 'overConcentrated' ? source : `shard/${problem.shards.ids[problem.shardOf[change.replica]]}`;
    reasons.push({ code, subject, before: -delta, after: 0, limit: 0 });
  }
  reasons.push(...loadReason(state, change, source, 'overTarget', problem.nodes.target));
  reasons.push(...balanceReason(state, factors, change, source));
  if (reasons.length === 0) {
    reasons.push({ code: 'swapPartner', subject: source, before: 0, after: 0, limit: 0 });
  }
  return reasons.slice(0, maxReasons);
}

/** The dimension in which the source is over its limit and loses most of the excess. */
function loadReason(
  state: PlacementState,
  change: Change,
  subject: string,
  code: MoveReasonCode,
  limits: Float64Array,
): MoveReason[] {
  const { width, dimensions } = state.problem;
  let found: MoveReason[] = [];
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
    found = [{ code, subject, dimension: dimensions[d].name, before, after: before - amount, limit }];
  }
  return found;
}

/** The dimension whose balance gains most: utilisation of the source before and after, against the mean. */
function balanceReason(
  state: PlacementState,
  factors: LoadFactors,
  change: Change,
  subject: string,
): MoveReason[] {
  const { width, dimensions, nodes } = state.problem;
  const growthAt = (at: number, amount: number): number =>
    factors.balance[at] > 0
      ? factors.balance[at] * growthAbove(factors.line[at], state.load[at], state.load[at] + amount)
      : 0;
  let found: MoveReason[] = [];
  let most = 0;
  for (let d = 0; d < width; d++) {
    const from = change.from * width + d;
    const amount = change.loads[change.offset + d];
    const gain = -growthAt(from, -amount) - growthAt(change.to * width + d, amount);
    const capacity = nodes.effective[from];
    if (gain <= most || capacity <= 0) continue;
    most = gain;
    found = [
      {
        code: change.kind === 'transfer' ? 'leadershipImbalance' : 'imbalance',
        subject,
        dimension: dimensions[d].name,
        before: state.load[from] / capacity,
        after: (state.load[from] - amount) / capacity,
        limit: factors.meanUtilization[d],
      },
    ];
  }
  return found;
}
