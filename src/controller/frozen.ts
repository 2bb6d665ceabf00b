import type { GuardrailCode } from '../domain/error-codes.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import { mustBeVacated } from '../domain/node.ts';
import type { CooldownPolicy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/** What the planner must leave alone, as indices of the snapshot, ascending. */
export interface Frozen {
  readonly shards: Int32Array;
  readonly nodes: Int32Array;
}

export const nothingFrozen: Frozen = { shards: new Int32Array(0), nodes: new Int32Array(0) };

/**
 * Shards and nodes that recent moves keep from moving: in cooldown, or (shards) at the number of returns that policy
 * takes for oscillation. What must leave a node is never frozen, since staying there is worse. An override of a
 * guardrail lifts its part.
 *
 * @param traces oldest first
 */
export function frozenByHistory(
  snapshot: Snapshot,
  traces: readonly MoveTrace[],
  cooldown: CooldownPolicy,
  overridden: ReadonlySet<GuardrailCode>,
  now: number,
): Frozen {
  const shards = new Set<string>();
  const nodes = new Set<string>();
  for (const trace of traces) {
    if (!overridden.has('GUARDRAIL_COOLDOWN_SHARD') && now - trace.at < cooldown.shardMs) {
      shards.add(trace.shard);
    }
    if (!overridden.has('GUARDRAIL_COOLDOWN_NODE') && now - trace.at < cooldown.nodeMs) {
      nodes.add(trace.source).add(trace.destination);
    }
  }
  if (!overridden.has('GUARDRAIL_OSCILLATION')) {
    for (const shard of swingingShards(traces, cooldown, now)) shards.add(shard);
  }
  if (shards.size === 0 && nodes.size === 0) return nothingFrozen;
  return {
    shards: indicesOf(snapshot.shards.ids, (id, index) => shards.has(id) && !mustLeave(snapshot, index)),
    nodes: indicesOf(snapshot.nodes, (node) => nodes.has(node.id) && !mustBeVacated(node)),
  };
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

function mustLeave({ nodes, shards }: Snapshot, shard: number): boolean {
  for (let row = shards.replicaOffsets[shard] ?? 0; row < (shards.replicaOffsets[shard + 1] ?? 0); row++) {
    const node = nodes[shards.replicaNodes[row] ?? 0];
    if (node && mustBeVacated(node)) return true;
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
