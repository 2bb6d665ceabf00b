import type { LoadFactors } from '../../load-factors.ts';
import type { PlacementState } from '../../placement-state.ts';
import { nodeExcess, nodeHeat } from '../node-heat.ts';
import { negligible } from '../search-engine.ts';
import { restShare } from '../shed-lines.ts';

/** Whether the node is over a target, or above where the descent lets nodes rest. */
export function isWarm(state: PlacementState, factors: LoadFactors, node: number): boolean {
  if (state.problem.nodes.vacate[node] === 1) return false;
  const rest = 1 + factors.tolerance * (1 + restShare);
  return nodeHeat(state, factors, node) > rest + negligible || nodeExcess(state, factors, node) > negligible;
}

/** The warm nodes, the hottest first; ties by index. */
export function warmNodes(state: PlacementState, factors: LoadFactors): readonly number[] {
  const found: { readonly node: number; readonly heat: number }[] = [];
  for (let node = 0; node < state.problem.nodeCount; node++) {
    if (isWarm(state, factors, node)) found.push({ node, heat: nodeHeat(state, factors, node) });
  }
  found.sort((left, right) => right.heat - left.heat || left.node - right.node);
  return found.map(({ node }) => node);
}
