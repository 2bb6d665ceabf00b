import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';

/**
 * The peak: how far the hottest node's utilisation over the mean lies above 1 + tolerance, in the worst weighted
 * dimension; 0 when every node is balanced. A maximum over nodes has no delta in O(dimensions): it ranks whole
 * placements, while the search descends on the squares of `balance`, which drive it down. O(nodes × dimensions).
 */
export function measurePeak(state: PlacementState, factors: LoadFactors): number {
  return Math.max(0, hottest(state, factors) - 1 - factors.tolerance);
}

/** The largest utilisation over the mean, over nodes in the balance and weighted dimensions; 0 for an idle fleet. */
export function hottest(state: PlacementState, factors: LoadFactors): number {
  const { load, problem } = state;
  const { width } = problem;
  const { effective } = problem.nodes;
  const { balance, meanUtilization } = factors;
  let most = 0;
  for (let at = 0, d = 0; at < load.length; at++, d = d + 1 === width ? 0 : d + 1) {
    // Only what is in the balance has a factor.
    if (balance[at] === 0) continue;
    const heat = load[at] / effective[at] / meanUtilization[d];
    if (heat > most) most = heat;
  }
  return most;
}
