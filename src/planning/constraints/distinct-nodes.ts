import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';

/** Replicas of a shard are on distinct nodes. Subject: shard and node; amount: replicas too many. O(replicas of the shard). */
export function createDistinctNodes(state: PlacementState): Constraint {
  const { problem, nodeOf } = state;
  const offsets = problem.shards.replicaOffsets;

  function others(replica: number, node: number): number {
    const shard = problem.shardOf[replica];
    let found = 0;
    for (let r = offsets[shard]; r < offsets[shard + 1]; r++)
      if (r !== replica && nodeOf[r] === node) found += 1;
    return found;
  }

  return {
    name: 'distinct nodes',
    obstacle: 'replicaOnNode',
    kind: 'identity',
    isAboutShards: true,
    delta(change) {
      if (change.kind !== 'relocate') return 0;
      if (others(change.replica, change.to) > 0) return Number.POSITIVE_INFINITY;
      return others(change.replica, change.from) > 0 ? -1 : 0;
    },
    refusal({ replica, to }) {
      const { id } = problem.request.snapshot.nodes[to];
      const message = `node ${id} holds a replica of shard ${problem.shards.ids[problem.shardOf[replica]]} already`;
      return { subject: `node/${id}`, observed: others(replica, to) + 1, limit: 1, message };
    },
    measure() {
      let amount = 0;
      this.offenders(() => {
        amount += 1;
      });
      return { amount, subjects: amount };
    },
    offenders(visit) {
      // Per node the shard that was seen there last, plus one.
      const seen = new Int32Array(problem.nodeCount);
      for (let shard = 0; shard < problem.shardCount; shard++) {
        for (let r = offsets[shard]; r < offsets[shard + 1]; r++) {
          if (seen[nodeOf[r]] === shard + 1) visit(r);
          seen[nodeOf[r]] = shard + 1;
        }
      }
    },
  };
}
