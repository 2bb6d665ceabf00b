import type { DimensionBalance } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { NodeColumns } from './node-columns.ts';
import { buildNodeColumns } from './node-columns.ts';
import { type ProblemDimension, problemDimensions } from './problem-dimensions.ts';

/** Load per node in the snapshot's dimensions: nodes × dimensions, row per node, in the dimension's unit. */
export function nodeLoads(snapshot: Snapshot): Float64Array {
  const { replicaNodes, replicaLoads } = snapshot.shards;
  const width = snapshot.dimensions.length;
  const loads = new Float64Array(snapshot.nodes.length * width);
  for (let r = 0; r < replicaNodes.length; r++) {
    for (let d = 0; d < width; d++) loads[replicaNodes[r] * width + d] += replicaLoads[r * width + d];
  }
  return loads;
}

/**
 * How evenly load lies, per dimension of the policy: utilisation of effective capacity over the nodes that take
 * replicas. Dimensions that the snapshot lacks are left out. O(replicas × dimensions).
 */
export function measureBalance(
  snapshot: Snapshot,
  policy: Policy,
  distress: Float64Array,
): readonly DimensionBalance[] {
  const found = problemDimensions(policy, snapshot);
  if (!found.ok) {
    const names = new Set(snapshot.dimensions.map((dimension) => dimension.name));
    const known = policy.dimensions.filter((dimension) => names.has(dimension.name));
    return known.length > 0 ? measureBalance(snapshot, { ...policy, dimensions: known }, distress) : [];
  }
  const { replicaNodes, replicaLoads } = snapshot.shards;
  const dimensions = found.value;
  const width = dimensions.length;
  const taking = snapshot.nodes.filter(
    (node) => node.status === 'alive' && node.adminState === 'active',
  ).length;
  const nodes = buildNodeColumns({
    nodes: snapshot.nodes,
    dimensions,
    distress,
    maxDerate: policy.scoring.maxDerate,
    frozenNodes: new Int32Array(0),
    meanReplicas: replicaNodes.length / Math.max(1, taking),
    maxReplicasPerNode: policy.placement.maxReplicasPerNode,
  });
  const loads = new Float64Array(snapshot.nodes.length * width);
  for (let r = 0; r < replicaNodes.length; r++) {
    for (let d = 0; d < width; d++) {
      const column = dimensions[d].column;
      loads[replicaNodes[r] * width + d] +=
        column < 0 ? 1 : replicaLoads[r * snapshot.dimensions.length + column];
    }
  }
  return balanceOf(
    snapshot.nodes.map((node) => node.id),
    dimensions,
    nodes,
    loads,
  );
}

/** The same from columns; `loads` is nodes × dimensions of the problem. */
export function balanceOf(
  nodeIds: readonly string[],
  dimensions: readonly ProblemDimension[],
  nodes: NodeColumns,
  loads: Float64Array,
): readonly DimensionBalance[] {
  const width = dimensions.length;
  return dimensions.map((dimension, d): DimensionBalance => {
    let load = 0;
    let capacity = 0;
    let peak = 0;
    let peakNode = '';
    let overTarget = 0;
    for (let n = 0; n < nodeIds.length; n++) {
      const at = n * width + d;
      // Sums of doubles: a trillionth over target is rounding.
      if (loads[at] > nodes.target[at] * (1 + 1e-12)) overTarget += 1;
      if (nodes.takes[n] === 0 || nodes.effective[at] <= 0) continue;
      load += loads[at];
      capacity += nodes.effective[at];
      const utilization = loads[at] / nodes.effective[at];
      if (utilization <= peak) continue;
      peak = utilization;
      peakNode = nodeIds[n];
    }
    const mean = capacity > 0 ? load / capacity : 0;
    // An unloaded fleet is balanced.
    return {
      dimension: dimension.name,
      peak,
      mean,
      peakToMean: mean > 0 ? peak / mean : 1,
      peakNode,
      overTarget,
    };
  });
}
