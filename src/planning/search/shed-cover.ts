import type { LoadFactors } from '../load-factors.ts';
import type { HotRows } from './hot-rows.ts';

/** Replicas that are compared in pairs, and from which a batch is taken. */
const topSize = 16;

/** Share of what the node still has to give that one look chooses; the next look sees what the others left to do. */
const batchShare = 1 / 3;

/**
 * Chooses which replicas a hot node gives, so that few of them cover what it has above the trigger in all dimensions: a
 * covering knapsack. Each replica has a value, the sum over dimensions of what it covers there times a price, and the
 * most valuable go first (surrogate relaxation; Glover, "Surrogate constraints", 1968). The price of a dimension is
 * (what is left / what there was)² / what there was: dimensions that lag behind become dearer, so that all end
 * together, which is what multiplicative weights do (Plotkin, Shmoys, Tardos, "Fast approximation algorithms for
 * fractional packing and covering problems"). At the end one replica, or a pair, that covers the rest with the least
 * load besides is taken.
 */
export interface ShedCover {
  /** Begins with a node whose replicas are `start` .. `end` of the rows. */
  begin(start: number, end: number): void;
  /**
   * Slots of the replicas to give next, the most valuable first, for what is left to cover (`need`, per dimension, 0
   * where nothing is). Returns how many; 0 when no replica helps. Each slot is offered once.
   */
  choose(need: Float64Array, into: Int32Array): number;
}

/** Most slots that `choose` writes. */
export const largestBatch = topSize;

export function createShedCover(rows: HotRows, factors: LoadFactors, width: number): ShedCover {
  const { loads } = rows;
  const longest = longestPart(rows.offsets);
  const offered = new Uint8Array(longest);
  const values = new Float64Array(longest);
  const volumes = new Float64Array(longest);
  const initial = new Float64Array(width);
  const prices = new Float64Array(width);
  const perMean = factors.meanUtilization.map((mean) => (mean > 0 ? 1 / mean : 0));
  const top = new Int32Array(topSize);
  let topCount = 0;
  let single = -1;
  let start = 0;
  let count = 0;

  function setPrices(need: Float64Array): number {
    let total = 0;
    for (let d = 0; d < width; d++) {
      if (initial[d] === 0) initial[d] = need[d];
      const left = need[d] > 0 ? need[d] / initial[d] : 0;
      prices[d] = left > 0 ? (left * left) / initial[d] : 0;
      total += need[d] * prices[d];
    }
    return total;
  }

  /** Values all replicas; remembers the most valuable, and the least one that covers everything alone. */
  function value(need: Float64Array): void {
    topCount = 0;
    single = -1;
    let least = 0;
    for (let i = 0; i < count; i++) {
      if (offered[i] === 1) continue;
      let at = (start + i) * width;
      let sum = 0;
      let volume = 0;
      let covers = true;
      for (let d = 0; d < width; d++) {
        const amount = loads[at++];
        const wanted = need[d];
        volume += amount * perMean[d];
        if (wanted === 0) continue;
        sum += (amount >= wanted ? wanted : amount) * prices[d];
        if (amount < wanted) covers = false;
      }
      values[i] = sum;
      volumes[i] = volume;
      if (covers && (single < 0 || volume < volumes[single])) single = i;
      if (sum > least || (topCount < topSize && sum > 0)) {
        rank(i);
        least = topCount === topSize ? values[top[topSize - 1]] : 0;
      }
    }
  }

  function rank(slot: number): void {
    const sum = values[slot];
    let at = topCount < topSize ? topCount++ : topSize - 1;
    for (; at > 0 && values[top[at - 1]] < sum; at--) top[at] = top[at - 1];
    top[at] = slot;
  }

  /** The pair that covers everything with the least load; -1 when there is none. */
  function pair(need: Float64Array, total: number, into: Int32Array): boolean {
    let volume = Number.POSITIVE_INFINITY;
    for (let i = 0; i < topCount; i++) {
      const left = top[i];
      for (let j = i + 1; j < topCount && values[left] + values[top[j]] >= total; j++) {
        const right = top[j];
        if (volumes[left] + volumes[right] >= volume || !covers(left, right, need)) continue;
        volume = volumes[left] + volumes[right];
        into[0] = left;
        into[1] = right;
      }
    }
    return volume < Number.POSITIVE_INFINITY;
  }

  function covers(left: number, right: number, need: Float64Array): boolean {
    const a = (start + left) * width;
    const b = (start + right) * width;
    for (let d = 0; d < width; d++) if (loads[a + d] + loads[b + d] < need[d]) return false;
    return true;
  }

  /** How many of the most valuable it takes at least; `topSize` for more than are known. */
  function leastNumber(total: number): number {
    let sum = 0;
    for (let i = 0; i < topCount; i++) {
      sum += values[top[i]];
      if (sum >= total) return i + 1;
    }
    return topSize;
  }

  function offer(into: Int32Array, many: number): number {
    for (let i = 0; i < many; i++) {
      offered[into[i]] = 1;
      into[i] += start;
    }
    return many;
  }

  return {
    begin(from, end) {
      start = from;
      count = end - from;
      offered.fill(0, 0, count);
      initial.fill(0);
    },
    choose(need, into) {
      const total = setPrices(need);
      value(need);
      if (topCount === 0) return 0;
      if (single >= 0) {
        into[0] = single;
        return offer(into, 1);
      }
      const number = leastNumber(total);
      if (number <= 2 && pair(need, total, into)) return offer(into, 2);
      const batch = Math.min(topCount, Math.max(1, Math.floor(number * batchShare)));
      for (let i = 0; i < batch; i++) into[i] = top[i];
      return offer(into, batch);
    },
  };
}

function longestPart(offsets: Int32Array): number {
  let longest = 0;
  for (let i = 0; i + 1 < offsets.length; i++) longest = Math.max(longest, offsets[i + 1] - offsets[i]);
  return longest;
}
