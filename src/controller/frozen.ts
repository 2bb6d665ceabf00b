import type { GuardrailCode } from '../domain/error-codes.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import { mustBeVacated, type Node } from '../domain/node.ts';
import type { CooldownPolicy, PlanKind } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { isLost, isUrgent } from '../guardrails/exemptions.ts';

/** What the planner must leave alone, as indices of the snapshot, ascending. */
export interface Frozen {
  readonly shards: Int32Array;
  readonly nodes: Int32Array;
  /** When the last of them may move again, milliseconds since the epoch; 0 when nothing is frozen. */
  readonly until: number;
}

export const nothingFrozen: Frozen = { shards: new Int32Array(0), nodes: new Int32Array(0), until: 0 };

/**
 * Shards and nodes that recent moves keep from moving: in cooldown, or (shards) at the number of returns that policy
 * takes for oscillation. The exceptions are the guardrails' own (docs/guardrails.md), so that a plan is not searched
 * among moves that could not start; an override of a guardrail lifts its part.
 *
 * @param traces oldest first
 */
export function frozenByHistory(
  snapshot: Snapshot,
  traces: readonly MoveTrace[],
  cooldown: CooldownPolicy,
  overridden: ReadonlySet<GuardrailCode>,
  kind: PlanKind,
  now: number,
): Frozen {
  const resting = new Set<string>();
  const nodes = new Set<string>();
  let until = 0;
  const waitsForNodes = !overridden.has('GUARDRAIL_COOLDOWN_NODE') && !isUrgent(kind);
  for (const trace of traces) {
    if (!overridden.has('GUARDRAIL_COOLDOWN_SHARD') && now - trace.at < cooldown.shardMs) {
      resting.add(trace.shard);
      until = Math.max(until, trace.at + cooldown.shardMs);
    }
    if (waitsForNodes && now - trace.at < cooldown.nodeMs) {
      nodes.add(trace.source).add(trace.destination);
      until = Math.max(until, trace.at + cooldown.nodeMs);
    }
  }
  const watched = !overridden.has('GUARDRAIL_OSCILLATION') && !isUrgent(kind);
  const swinging = watched ? swingingShards(traces, cooldown, now) : new Set<string>();
  if (resting.size + swinging.size + nodes.size === 0) return nothingFrozen;
  for (const trace of swinging.size > 0 ? traces : []) {
    if (swinging.has(trace.shard)) until = Math.max(until, trace.at + cooldown.oscillationWindowMs);
  }
  const frozen = {
    shards: indicesOf(
      snapshot.shards.ids,
      (id, index) =>
        (resting.has(id) && !livesOn(snapshot, index, isLost)) ||
        (swinging.has(id) && !livesOn(snapshot, index, mustBeVacated)),
    ),
    nodes: indicesOf(snapshot.nodes, (node) => nodes.has(node.id) && !mustBeVacated(node)),
  };
  return frozen.shards.length + frozen.nodes.length === 0 ? nothingFrozen : { ...frozen, until };
}

/** Shards whose next move may be one return too many. */
function swingingShards(traces: readonly MoveTrace[], cooldown: CooldownPolicy, now: number): Set<string> {
  const departures = new Map<string, Set<string>>();
  const returns = new Map<string, number>();
  for (const trace of traces) {
    if (now - trace.at >= cooldown.oscillationWindowMs) continue;
    const left = departures.get(trace.shard) ?? new Set<string>();
    if (left.has(trace.destination)) returns.set(trace.shard, (returns.get(trace.shard) ?? 0) + 1);
    departures.set(trace.shard, left.add(trace.source));
  }
  const swinging = new Set<string>();
  for (const shard of departures.keys()) {
    if ((returns.get(shard) ?? 0) >= cooldown.maxReturns) swinging.add(shard);
  }
  return swinging;
}

/** Union of two ascending lists, ascending. */
export function mergeIndices(left: Int32Array, right: Int32Array): Int32Array {
  if (right.length === 0) return left;
  if (left.length === 0) return right;
  return Int32Array.from(new Set([...left, ...right])).sort();
}

function livesOn({ nodes, shards }: Snapshot, shard: number, wanted: (node: Node) => boolean): boolean {
  for (let row = shards.replicaOffsets[shard] ?? 0; row < (shards.replicaOffsets[shard + 1] ?? 0); row++) {
    const node = nodes[shards.replicaNodes[row] ?? 0];
    if (node && wanted(node)) return true;
  }
  return false;
}

function indicesOf<T>(items: readonly T[], wanted: (item: T, index: number) => boolean): Int32Array {
  const indices: number[] = [];
  items.forEach((item, index) => {
    if (wanted(item, index)) indices.push(index);
  });
  return Int32Array.from(indices);
}
