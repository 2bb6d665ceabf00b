import { mayGive } from '../../constraints/admission.ts';
import type { PlacementState } from '../../placement-state.ts';

/** What may be moved at all, and where to: candidates are drawn from these. */
export interface SearchSpace {
  /** Replicas that may leave where they were at the beginning. */
  readonly replicas: Int32Array;
  /** The same, the largest first. */
  readonly bySize: Int32Array;
  /** Largest share of the fleet's load over all dimensions, per replica of the problem. */
  readonly sizes: Float64Array;
  /** Nodes that take replicas. */
  readonly nodes: Int32Array;
}

export function buildSearchSpace(state: PlacementState): SearchSpace {
  const { problem, nodeOf, rowOf } = state;
  const { width, totals, loads, immobile, shardOf } = problem;
  const { takes, frozen } = problem.nodes;
  const sizes = new Float64Array(problem.replicaCount);
  const movable: number[] = [];
  for (let replica = 0; replica < problem.replicaCount; replica++) {
    for (let d = 0; d < width; d++) {
      const share = totals[d] > 0 ? loads[rowOf(replica) * width + d] / totals[d] : 0;
      if (share > sizes[replica]) sizes[replica] = share;
    }
    if (immobile[shardOf[replica]] === 0 && mayGive(problem, nodeOf[replica])) movable.push(replica);
  }
  const nodes: number[] = [];
  for (let node = 0; node < problem.nodeCount; node++)
    if (takes[node] === 1 && frozen[node] === 0) nodes.push(node);
  const replicas = Int32Array.from(movable);
  return {
    replicas,
    bySize: replicas.slice().sort((left, right) => sizes[right] - sizes[left] || left - right),
    sizes,
    nodes: Int32Array.from(nodes),
  };
}
