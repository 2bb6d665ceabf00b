import { hottest } from '../../terms/peak.ts';
import { negligible } from '../search-engine.ts';
import type { Walk } from './walk.ts';

/** How a walk's placement stands: levels in order of importance, smaller is better. */
export interface WalkStanding {
  readonly excess: number;
  /** Utilisation of the hottest node over the mean. */
  readonly peak: number;
  /** Balance and prices, as the walk's energy has them. */
  readonly energy: number;
}

/** Measures the two levels that a walk's energy only weighs. O(nodes × dimensions) for the planner's own terms. */
export function standingOf(walk: Walk): WalkStanding {
  const { terms, state, factors } = walk.engine;
  let excess = 0;
  for (const term of terms) if (term.level === 'excess') excess += term.value();
  return { excess, peak: hottest(state, factors), energy: walk.level };
}

/** Lexicographically, differences below rounding aside. */
export function isBetterStanding(left: WalkStanding, right: WalkStanding): boolean {
  if (Math.abs(left.excess - right.excess) > negligible) return left.excess < right.excess;
  if (Math.abs(left.peak - right.peak) > negligible) return left.peak < right.peak;
  return left.energy < right.energy - negligible;
}
