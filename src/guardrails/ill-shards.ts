import { isHealthy, mustBeVacated } from '../domain/node.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';

/**
 * Shards of which no replica could move without breaking the rule about healthy replicas (`min-healthy-replicas.ts`):
 * nothing healthy is left to copy from, or a healthy replica that moves would leave too few others and none of the ill
 * ones has to be restored elsewhere. Planners leave them alone until their nodes recover. Indices of the snapshot,
 * ascending; O(nodes), and O(replicas) when a node is not healthy.
 */
export function illShards({ nodes, shards }: Snapshot, policy: Policy): Int32Array {
  const healthy = Uint8Array.from(nodes, (node) => (isHealthy(node) ? 1 : 0));
  if (!healthy.includes(0)) return new Int32Array(0);
  const vacates = Uint8Array.from(nodes, (node) => (mustBeVacated(node) ? 1 : 0));
  const { replicaOffsets, replicaNodes } = shards;
  const ill: number[] = [];
  for (let shard = 0; shard < shards.ids.length; shard++) {
    const first = replicaOffsets[shard];
    const end = replicaOffsets[shard + 1];
    let well = 0;
    let toRestore = 0;
    for (let row = first; row < end; row++) {
      const node = replicaNodes[row];
      well += healthy[node];
      if (healthy[node] === 0) toRestore += vacates[node];
    }
    const mayMove = well - 1 >= Math.min(policy.placement.minHealthyReplicas, end - first - 1);
    if (well === 0 || (!mayMove && toRestore === 0)) ill.push(shard);
  }
  return Int32Array.from(ill);
}
