import type { SearchEngine } from './search-engine.ts';

/** Replicas of a node that are tried in exchanges. */
const replicasPerSide = 24;

/** The dimension in which a node is hottest against its mean over the fleet, as policy weighs it. */
export function worstDimension({ state, factors }: SearchEngine, node: number): number {
  const { width, nodes } = state.problem;
  let worst = 0;
  let most = -1;
  for (let d = 0; d < width; d++) {
    const at = node * width + d;
    const heat = (state.load[at] / (nodes.effective[at] || 1)) * factors.weights[d];
    const relative = heat / (factors.meanUtilization[d] || 1);
    if (relative > most) {
      most = relative;
      worst = d;
    }
  }
  return worst;
}

/** Answers the replicas of a node that may move, the largest in a dimension first. */
export function createSwapCandidates(
  engine: SearchEngine,
): (node: number, dimension: number) => readonly number[] {
  const { state } = engine;
  const { problem } = state;
  const { width } = problem;

  return (node, d) => {
    const found: number[] = [];
    for (let r = state.first[node]; r >= 0; r = state.next[r]) {
      if (problem.immobile[problem.shardOf[r]] === 0) found.push(r);
    }
    const loadOf = (replica: number): number => problem.loads[state.rowOf(replica) * width + d];
    found.sort((left, right) => loadOf(right) - loadOf(left) || left - right);
    if (found.length <= replicasPerSide) return found;
    // Large, middling and small ones: the right difference may lie anywhere.
    const stride = found.length / replicasPerSide;
    return Array.from({ length: replicasPerSide }, (_, index) => found[Math.floor(index * stride)]);
  };
}
