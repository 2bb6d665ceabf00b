import type { ShardTable } from '../domain/snapshot.ts';

/** What the snapshot's placement makes of the nodes: summed once, copied by every state that begins there. */
export interface InitialPlacement {
  /** nodes × dimensions of the problem, row per node. */
  readonly load: Float64Array;
  /** Replicas per node. */
  readonly count: Int32Array;
  /** Total load per dimension. */
  readonly totals: Float64Array;
}

/**
 * Sums loads per node, backwards as `createPlacementState` does, so that both have the same roundings, and in total
 * over the nodes. O(replicas × dimensions), one pass.
 *
 * @param loads replicas × width, row per replica
 */
export function sumInitialPlacement(
  shards: ShardTable,
  loads: Float64Array,
  nodeCount: number,
  width: number,
): InitialPlacement {
  const { load, count } = sumPerNode(shards.replicaNodes, null, loads, nodeCount, width);
  const totals = new Float64Array(width);
  for (let at = 0; at < load.length; at += width) {
    for (let d = 0; d < width; d++) totals[d] += load[at + d];
  }
  return { load, count, totals };
}

/** Load (nodes × width) and replicas per node of a placement; `rowOf` null when every replica carries its own row. */
export function sumPerNode(
  nodeOf: Int32Array,
  rowOf: Int32Array | null,
  loads: Float64Array,
  nodeCount: number,
  width: number,
): { readonly load: Float64Array; readonly count: Int32Array } {
  const load = new Float64Array(nodeCount * width);
  const count = new Int32Array(nodeCount);
  for (let replica = nodeOf.length - 1; replica >= 0; replica--) {
    const node = nodeOf[replica];
    count[node] += 1;
    const to = node * width;
    const from = (rowOf === null ? replica : rowOf[replica]) * width;
    for (let d = 0; d < width; d++) load[to + d] += loads[from + d];
  }
  return { load, count };
}
