import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import { nodeHeat } from './node-heat.ts';
import { restHeat } from './shed-lines.ts';

/**
 * A node of a fleet that is in balance as a whole begins to give above 1 + this many times the tolerance: twice as far
 * above the line as where a node that gives may stop. Replicas that swing by 5% move a node of a hundred of them by 0.6%:
 * it takes three such deviations from where the last plan left it.
 */
const calmShare = 2.5;

/** With more than this share of nodes above that, the fleet as a whole is out of balance. */
const restlessShare = 0.02;

/**
 * Utilisation over the mean above which nodes begin to give. Hysteresis, as a thermostat has it: as long as hardly any node
 * is far above the line, only those give; otherwise all that are above it do, since the fleet is being moved anyway.
 */
export function beginHeat(state: PlacementState, factors: LoadFactors): number {
  const { nodeCount, nodes } = state.problem;
  const calm = 1 + factors.tolerance * calmShare;
  let hot = 0;
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.vacate[node] === 0 && nodeHeat(state, factors, node) > calm) hot += 1;
  }
  return hot > nodeCount * restlessShare ? restHeat(factors) : calm;
}
