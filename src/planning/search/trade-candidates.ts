import type { SearchEngine } from './search-engine.ts';

/** Replicas of each side that are tried: by slopes the best are among the first. */
const perSide = 8;

/** Replicas that two nodes would trade which are full in different dimensions. */
export interface TradeCandidates {
  /** Takes two nodes; answers whether the second is above its line in a dimension in which the first is less so. */
  between(node: number, other: number): boolean;
  /** Replicas of the first that take most off it for what they put on the second, the best first; and of the second. */
  given(): readonly number[];
  taken(): readonly number[];
}

/**
 * Ranks replicas by the slope of the balance: what a unit of load is worth on a node in a dimension is twice its price of
 * squares times its load above the line, nothing below. What is worth much on one node and little on the other goes there;
 * such an exchange relieves both. O(replicas × dimensions) per side.
 */
export function createTradeCandidates({ state, factors }: SearchEngine): TradeCandidates {
  const { problem, load } = state;
  const { width, loads, immobile, shardOf } = problem;
  const slopes = new Float64Array(width);
  const keys = new Float64Array(perSide);
  let first = -1;
  let second = -1;

  const slopeAt = (at: number): number => (load[at] > factors.line[at] ? factors.balance[at] * load[at] : 0);

  function best(node: number, sign: 1 | -1): readonly number[] {
    const found: number[] = [];
    for (let r = state.first[node]; r >= 0; r = state.next[r]) {
      if (immobile[shardOf[r]] !== 0) continue;
      const row = state.rowOf(r) * width;
      let key = 0;
      for (let d = 0; d < width; d++) key += sign * slopes[d] * loads[row + d];
      if (found.length === perSide && key <= keys[perSide - 1]) continue;
      let at = Math.min(found.length, perSide - 1);
      for (; at > 0 && keys[at - 1] < key; at--) {
        keys[at] = keys[at - 1];
        found[at] = found[at - 1];
      }
      keys[at] = key;
      found[at] = r;
    }
    return found;
  }

  return {
    between(node, other) {
      first = node;
      second = other;
      let isHotter = false;
      for (let d = 0; d < width; d++) {
        slopes[d] = slopeAt(node * width + d) - slopeAt(other * width + d);
        if (slopes[d] < 0) isHotter = true;
      }
      return isHotter;
    },
    given: () => best(first, 1),
    taken: () => best(second, -1),
  };
}
