/**
 * One step of an exponentially weighted moving average over irregular intervals: the weight of everything before
 * halves with every half-life, whatever the number of samples in between (Hunter 1986 in the form for irregular
 * series: Eckner, "Algorithms for Unevenly Spaced Time Series", 2012, EMA with the next-point scheme).
 *
 * @param average average so far
 * @param value the new sample, in the same unit
 * @param elapsedMs between the newest sample in the average and this one; at least 0
 * @param halfLifeMs greater than 0
 * @returns a number between `average` and `value`
 */
export function ewmaStep(average: number, value: number, elapsedMs: number, halfLifeMs: number): number {
  const taken = 1 - 2 ** (-elapsedMs / halfLifeMs);
  const next = average + taken * (value - average);
  // Rounding may overshoot by the last bit.
  return value > average ? Math.min(next, value) : Math.max(next, value);
}

/**
 * The nearest-rank percentile: the smallest of the values that at least `percentile` percent of them do not exceed,
 * so always one of them. Sorts the first `count` entries of `values` in place.
 *
 * @param percentile from 0 to 100; 0 gives the smallest value
 * @param count at least 1
 */
export function percentileOf(values: Float64Array, count: number, percentile: number): number {
  // Insertion sort: a window holds few samples and they arrive nearly in order.
  for (let i = 1; i < count; i++) {
    const value = values[i];
    let at = i - 1;
    for (; at >= 0 && values[at] > value; at--) values[at + 1] = values[at];
    values[at + 1] = value;
  }
  const rank = Math.ceil((percentile / 100) * count);
  return values[Math.min(count, Math.max(1, rank)) - 1];
}
