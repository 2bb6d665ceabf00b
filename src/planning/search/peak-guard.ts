import type { Change } from '../change.ts';
import { replacesTerms } from '../extension.ts';
import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import { hottest } from '../terms/peak.ts';

/** Room for what sums of doubles lose. */
const rounding = 1e-12;

/**
 * Whether a change leaves the peak no higher than it is now. The peak outranks everything on the level of balance, but
 * has no delta: whoever gains there by something else than even loads (leaders, wishes of extensions) asks here, so that
 * the plan as a whole does not become worse. O(dimensions).
 */
export function createPeakGuard(state: PlacementState, factors: LoadFactors): (change: Change) => boolean {
  const { problem, load } = state;
  if (replacesTerms(problem)) return () => true;
  const { width } = problem;
  const { effective } = problem.nodes;
  const ceiling = Math.max(1 + factors.tolerance, hottest(state, factors)) * (1 + rounding);
  return ({ loads, offset, from, to }) => {
    for (let d = 0; d < width; d++) {
      const amount = loads[offset + d];
      if (amount === 0) continue;
      const at = (amount > 0 ? to : from) * width + d;
      // Only what is in the balance has a factor.
      if (factors.balance[at] === 0) continue;
      const heat = (load[at] + Math.abs(amount)) / effective[at] / factors.meanUtilization[d];
      if (heat > ceiling) return false;
    }
    return true;
  };
}
