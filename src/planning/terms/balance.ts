import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import type { ObjectiveTerm } from '../term.ts';

/**
 * Imbalance: per dimension, weight × sum over nodes of capacity share × (max(u, L)² - L²), where u is the node's
 * utilisation over the mean and L = 1 + tolerance: the squared coefficient of variation of a fleet in which every node
 * below the line stands at it, times the number of nodes. 0 when no node is above the line. Squares make the hottest
 * node the dearest, so that descent on the sum also drives the peak down (the argument of Caragiannis et al., "Tight
 * bounds for selfish and greedy load balancing", where greedy on squared loads is within a constant of the optimum);
 * and a change costs O(dimensions), which a maximum would not. What lies below the line is nobody's concern, so a plan
 * does not move replicas for it.
 */
export function createBalance(state: PlacementState, factors: LoadFactors): ObjectiveTerm {
  const { load, problem } = state;
  const { width } = problem;
  const { balance: perSquare, line } = factors;

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
        const source = perSquare[from + d];
        if (source > 0)
          total += source * growthAbove(line[from + d], load[from + d], load[from + d] - amount);
        const destination = perSquare[to + d];
        if (destination > 0)
          total += destination * growthAbove(line[to + d], load[to + d], load[to + d] + amount);
      }
      return total;
    },
    value() {
      let total = 0;
      for (let at = 0; at < load.length; at++) {
        if (perSquare[at] > 0 && load[at] > line[at])
          total += perSquare[at] * growthAbove(line[at], line[at], load[at]);
      }
      return total;
    },
  };
}

/** max(after, line)² - max(before, line)², as a product so that small differences of large loads keep their digits. */
export function growthAbove(line: number, before: number, after: number): number {
  const start = before > line ? before : line;
  const end = after > line ? after : line;
  return (end - start) * (end + start);
}
