import type { PlanningProblem } from '../problem.ts';

/** Replicas of some nodes as the snapshot shows them: `order` from `offsets[i]` to `offsets[i + 1]` for the i-th. */
export interface NodeReplicas {
  readonly nodes: Int32Array;
  readonly offsets: Int32Array;
  readonly order: Int32Array;
  /** Most replicas that one of the nodes has. */
  readonly most: number;
}

/** One pass over all replicas, and one over those of the nodes. */
export function replicasOf(problem: PlanningProblem, nodes: Int32Array): NodeReplicas {
  const { replicaNodes } = problem.shards;
  const slots = new Int32Array(problem.nodeCount).fill(-1);
  for (let i = 0; i < nodes.length; i++) slots[nodes[i]] = i;
  const found = new Int32Array(replicaNodes.length);
  const offsets = new Int32Array(nodes.length + 1);
  let count = 0;
  for (let r = 0; r < replicaNodes.length; r++) {
    const slot = slots[replicaNodes[r]];
    if (slot < 0) continue;
    found[count++] = r;
    offsets[slot + 1] += 1;
  }
  let most = 0;
  for (let i = 0; i < nodes.length; i++) {
    most = Math.max(most, offsets[i + 1]);
    offsets[i + 1] += offsets[i];
  }
  const order = new Int32Array(count);
  const next = offsets.slice();
  for (let i = 0; i < count; i++) order[next[slots[replicaNodes[found[i]]]]++] = found[i];
  return { nodes, offsets, order, most };
}
