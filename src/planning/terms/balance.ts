import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import type { ObjectiveTerm } from '../term.ts';

/**
 * Imbalance: per dimension, weight × (sum over nodes of capacity share × (utilisation / mean utilisation)² - nodes):
 * 0 when every node has the same utilisation of its effective capacity, and the squared coefficient of variation
 * times the number of nodes otherwise. Squares make the hottest node the dearest, so that descent on the sum also
 * drives the peak down (the argument of Caragiannis et al., "Tight bounds for selfish and greedy load balancing",
 * where greedy on squared loads is within a constant of the optimum); and a change costs O(dimensions), which a
 * maximum would not.
 */
export function createBalance(state: PlacementState, factors: LoadFactors): ObjectiveTerm {
  const { load, problem } = state;
  const { width } = problem;
  const perSquare = factors.balance;

  return {
    name: 'balance',
    level: 'balance',
    delta(change) {
      const { loads, offset } = change;
      const from = change.from * width;
      const to = change.to * width;
      let total = 0;
      for (let d = 0; d < width; d++) {
        const amount = loads[offset + d];
        if (amount === 0) continue;
        total += perSquare[from + d] * amount * (amount - 2 * load[from + d]);
        total += perSquare[to + d] * amount * (amount + 2 * load[to + d]);
      }
      return total;
    },
    value() {
      let total = -factors.balanceFloor;
      for (let at = 0; at < load.length; at++) total += perSquare[at] * load[at] * load[at];
      return total;
    },
  };
}
