/** Total load per dimension; rows of replicas or of nodes. */
export function totalsOf(loads: Float64Array, width: number): Float64Array {
  const totals = new Float64Array(width);
  for (let at = 0; at < loads.length; at += width) {
    for (let d = 0; d < width; d++) totals[d] += loads[at + d];
  }
  return totals;
}

/** Load per node: nodes × dimensions, row per node. */
export function sumByNode(
  replicaNodes: Int32Array,
  replicaLoads: Float64Array,
  nodeCount: number,
): Float64Array {
  const width = replicaLoads.length / replicaNodes.length;
  const sums = new Float64Array(nodeCount * width);
  for (let r = 0; r < replicaNodes.length; r++) {
    for (let d = 0; d < width; d++) sums[replicaNodes[r] * width + d] += replicaLoads[r * width + d];
  }
  return sums;
}

/** Multiplies the loads of each node's replicas, in place, by the node's factors (nodes × dimensions). */
export function scaleByNode(
  replicaNodes: Int32Array,
  replicaLoads: Float64Array,
  factors: Float64Array,
): void {
  const width = replicaLoads.length / replicaNodes.length;
  for (let r = 0; r < replicaNodes.length; r++) {
    for (let d = 0; d < width; d++) replicaLoads[r * width + d] *= factors[replicaNodes[r] * width + d];
  }
}

/**
 * Scales loads so that every node has exactly the load that is asked for, in place; nodes without replicas stay
 * without load.
 *
 * @param wanted nodes × dimensions
 */
export function settleLoads(
  replicaNodes: Int32Array,
  replicaLoads: Float64Array,
  nodeCount: number,
  wanted: (node: number, dimension: number) => number,
): void {
  const factors = sumByNode(replicaNodes, replicaLoads, nodeCount);
  const width = factors.length / nodeCount;
  for (let at = 0; at < factors.length; at++) {
    factors[at] = factors[at] > 0 ? wanted(Math.floor(at / width), at % width) / factors[at] : 0;
  }
  scaleByNode(replicaNodes, replicaLoads, factors);
}
