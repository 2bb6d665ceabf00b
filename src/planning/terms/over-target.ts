import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import type { ObjectiveTerm } from '../term.ts';

/**
 * Load above target: the sum over nodes and dimensions of weight × max(0, load - target), in mean targets of a node.
 * Linear above the target as in the ROADEF/EURO challenge 2012 (problem definition, section 1.3, "load cost").
 */
export function createOverTarget(state: PlacementState, factors: LoadFactors): ObjectiveTerm {
  const { load, problem } = state;
  const { width } = problem;
  const { target } = problem.nodes;
  const perUnit = factors.excess;

  return {
    name: 'load above target',
    level: 'excess',
    delta(change) {
      const { loads, offset } = change;
      const from = change.from * width;
      const to = change.to * width;
      let total = 0;
      for (let d = 0; d < width; d++) {
        const factor = perUnit[d];
        const amount = loads[offset + d];
        if (factor === 0 || amount === 0) continue;
        const left = load[from + d] - target[from + d];
        const right = load[to + d] - target[to + d];
        const before = (left > 0 ? left : 0) + (right > 0 ? right : 0);
        const leftAfter = left - amount;
        const rightAfter = right + amount;
        total += factor * ((leftAfter > 0 ? leftAfter : 0) + (rightAfter > 0 ? rightAfter : 0) - before);
      }
      return total;
    },
    value() {
      let total = 0;
      for (let at = 0; at < load.length; at++) {
        const factor = perUnit[at % width];
        if (factor > 0) total += factor * Math.max(0, load[at] - target[at]);
      }
      return total;
    },
  };
}
