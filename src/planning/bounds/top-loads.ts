/** Loads kept per node and column: most nodes above a ceiling get below it with fewer; the others are looked at again. */
export const keptLoads = 4;

/** The largest loads per node and column, kept while all replicas pass by. */
export interface TopLoads {
  /** slots × columns: what a load must be above to be kept; asked by whoever offers, before he does. */
  readonly bars: Float64Array;
  /** Keeps a load that is above the bar. */
  offer(slot: number, column: number, load: number): void;
  /** The fewest of the loads that cover the need; null when those that were kept do not. */
  fewestCovering(slot: number, column: number, need: number): number | null;
}

export function createTopLoads(slots: number, columns: number): TopLoads {
  // Largest first per slot and column; 0 where fewer were offered.
  const kept = new Float64Array(slots * columns * keptLoads);
  const bars = new Float64Array(slots * columns);
  return {
    bars,
    offer(slot, column, load) {
      const begin = (slot * columns + column) * keptLoads;
      const last = begin + keptLoads - 1;
      let at = last;
      for (; at > begin && kept[at - 1] < load; at--) kept[at] = kept[at - 1];
      kept[at] = load;
      bars[slot * columns + column] = kept[last];
    },
    fewestCovering(slot, column, need) {
      if (!(need > 0)) return 0;
      const begin = (slot * columns + column) * keptLoads;
      let sum = 0;
      for (let i = 0; i < keptLoads; i++) {
        sum += kept[begin + i];
        if (sum >= need) return i + 1;
      }
      return null;
    },
  };
}
