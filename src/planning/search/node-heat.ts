import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';

/** A node without capacity in a dimension that it has load in. */
const unbounded = 1e9;

/** Utilisation of effective capacity in the node's worst weighted dimension, over the mean; 1 is average. */
export function nodeHeat(state: PlacementState, factors: LoadFactors, node: number): number {
  const { width, nodes } = state.problem;
  let heat = 0;
  for (let d = 0; d < width; d++) {
    const mean = factors.meanUtilization[d];
    if (factors.weights[d] === 0 || mean === 0) continue;
    const at = node * width + d;
    const capacity = nodes.effective[at];
    if (capacity > 0) heat = Math.max(heat, state.load[at] / capacity / mean);
    else if (state.load[at] > 0) return unbounded;
  }
  return heat;
}

/** The same in one dimension, whatever its weight. */
export function nodeHeatIn(
  { load, problem }: PlacementState,
  { meanUtilization }: LoadFactors,
  node: number,
  dimension: number,
): number {
  const at = node * problem.width + dimension;
  const capacity = problem.nodes.effective[at];
  if (load[at] === 0 || meanUtilization[dimension] === 0) return 0;
  return capacity > 0 ? load[at] / capacity / meanUtilization[dimension] : unbounded;
}

/** Load above target at the node, weighted, in mean targets. */
export function nodeExcess(state: PlacementState, factors: LoadFactors, node: number): number {
  const { width, nodes } = state.problem;
  let excess = 0;
  for (let d = 0; d < width; d++) {
    const above = state.load[node * width + d] - nodes.target[node * width + d];
    if (above > 0) excess += factors.excess[d] * above;
  }
  return excess;
}
