import type { LoadFactors } from '../../load-factors.ts';
import type { PlacementState } from '../../placement-state.ts';
import { nodeExcess, nodeHeat } from '../node-heat.ts';
import { negligible } from '../search-engine.ts';

/** Whether the node is over a target, or its utilisation over the mean is above `heat`. */
export function isWarm(state: PlacementState, factors: LoadFactors, node: number, heat: number): boolean {
  if (state.problem.nodes.vacate[node] === 1) return false;
  return nodeHeat(state, factors, node) > heat + negligible || nodeExcess(state, factors, node) > negligible;
}

/** The warm nodes, the hottest first; ties by index. */
export function warmNodes(state: PlacementState, factors: LoadFactors, heat: number): readonly number[] {
  const found: { readonly node: number; readonly heat: number }[] = [];
  for (let node = 0; node < state.problem.nodeCount; node++) {
    if (isWarm(state, factors, node, heat)) found.push({ node, heat: nodeHeat(state, factors, node) });
  }
  found.sort((left, right) => right.heat - left.heat || left.node - right.node);
  return found.map(({ node }) => node);
}
