import type { Change } from '../../change.ts';

/** What it costs a walk that nodes lack room for a change: a relocation or a swap. */
export interface Booking {
  /**
   * What the change adds, in units of energy; Infinity where it may not be or adds more than `dearest`, which for most
   * candidates of a tight fleet shows early. A swap need not say yet what it carries. O(dimensions).
   */
  delta(change: Change, dearest: number): number;
}

/** Dimensions in the order in which a booking looks at them. */
export interface DimensionOrder {
  readonly at: Int32Array;
  /** The dimension at that place has refused a candidate: it comes a place sooner from now on. */
  refused(place: number): void;
}

/**
 * What refuses most comes first (transposition: Rivest, "On self-organizing sequential search heuristics", 1976): most
 * candidates are refused by few of the dimensions.
 */
export function createDimensionOrder(width: number): DimensionOrder {
  const at = Int32Array.from({ length: width }, (_, d) => d);
  return {
    at,
    refused(place) {
      if (place === 0) return;
      const dimension = at[place];
      at[place] = at[place - 1];
      at[place - 1] = dimension;
    },
  };
}
