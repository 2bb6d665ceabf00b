import type { SmoothingPolicy } from '../domain/policy.ts';
import { growFloat64, growUint8 } from './growable.ts';
import { ewmaStep, percentileOf } from './smoothing.ts';

/** What became of a load sample; the smaller counts when the dimensions of one row differ. */
export const acceptance = {
  /** Newer than what was known. */
  accepted: 0,
  /** Older than the newest known, and put in its place in time. */
  outOfOrder: 1,
  /** Of a time that is known already. */
  duplicate: 2,
  /** Older than everything that is still held apart; ignored. */
  late: 3,
} as const;

/**
 * The loads of all replicas in one dimension. Per row the newest samples are held apart in order of their observed
 * time, so that the smoothed load depends on the set of samples and not on the order in which they arrived, as long as
 * a sample is overtaken by fewer than the held number of others. Two samples of one time: the greater counts.
 */
export interface LoadColumn {
  readonly name: string;
  readonly unit: string;
  /** Smooths by this from now on; a change keeps the newest samples. */
  configure(smoothing: SmoothingPolicy): void;
  /** Makes room for rows 0 up to but excluding `rows`. */
  ensureRows(rows: number): void;
  /** @returns one of `acceptance` */
  accept(row: number, value: number, observedAt: number): number;
  clearRow(row: number): void;
  copyRow(from: number, to: number): void;
  /** Gives each of the two rows what was known of the other. */
  exchangeRows(one: number, other: number): void;
  /** Smoothed load per row; 0 where there was no sample. Valid until the next call that changes the column. */
  smoothed(): Float64Array;
  /** Observed time of the newest sample per row, 0 for none. Valid as long as `smoothed()`. */
  newestAt(): Float64Array;
}

/** Samples held apart for an average: by so many others may one be overtaken before it is late. */
const ewmaDepth = 4;
/** Samples of a percentile's window: enough for a 90th percentile that is not the maximum, 256 bytes per load. */
const percentileDepth = 16;

export function createLoadColumn(name: string, unit: string): LoadColumn {
  let smoothing: SmoothingPolicy = { kind: 'none' };
  let depth = 1;
  let rowsHeld = 0;
  let times = new Float64Array(0);
  let samples = new Float64Array(0);
  let counts = new Uint8Array(0);
  // The average of what is no longer held apart, and its newest time; used by `ewma` only.
  let bases = new Float64Array(0);
  let baseTimes = new Float64Array(0);
  let smoothed = new Float64Array(0);
  let newest = new Float64Array(0);
  const scratch = new Float64Array(percentileDepth);

  function foldIntoBase(row: number, value: number, at: number): void {
    if (smoothing.kind === 'ewma') {
      bases[row] =
        baseTimes[row] === 0 ? value : ewmaStep(bases[row], value, at - baseTimes[row], smoothing.halfLifeMs);
    }
    baseTimes[row] = at;
  }

  function average(row: number, halfLifeMs: number): number {
    const start = row * depth;
    const count = counts[row];
    let at = baseTimes[row] === 0 ? times[start] : baseTimes[row];
    let value = baseTimes[row] === 0 ? samples[start] : bases[row];
    for (let i = baseTimes[row] === 0 ? 1 : 0; i < count; i++) {
      value = ewmaStep(value, samples[start + i], times[start + i] - at, halfLifeMs);
      at = times[start + i];
    }
    return value;
  }

  function windowPercentile(row: number, percentile: number, windowMs: number): number {
    const start = row * depth;
    const last = start + counts[row] - 1;
    let count = 0;
    for (let i = last; i >= start && times[i] >= times[last] - windowMs; i--) scratch[count++] = samples[i];
    return percentileOf(scratch, count, percentile);
  }

  function recompute(row: number): void {
    const last = row * depth + counts[row] - 1;
    newest[row] = times[last];
    if (smoothing.kind === 'ewma') smoothed[row] = average(row, smoothing.halfLifeMs);
    else if (smoothing.kind === 'none') smoothed[row] = samples[last];
    else smoothed[row] = windowPercentile(row, smoothing.percentile, smoothing.windowMs);
  }

  function append(row: number, value: number, at: number): void {
    const start = row * depth;
    let count = counts[row];
    if (count === depth) {
      foldIntoBase(row, samples[start], times[start]);
      for (let i = start + 1; i < start + depth; i++) {
        times[i - 1] = times[i];
        samples[i - 1] = samples[i];
      }
      count--;
    }
    times[start + count] = at;
    samples[start + count] = value;
    counts[row] = count + 1;
    if (smoothing.kind === 'ewma' && newest[row] !== 0) {
      // The same steps in the same order as `average`, so the same bits.
      smoothed[row] = ewmaStep(smoothed[row], value, at - newest[row], smoothing.halfLifeMs);
      newest[row] = at;
      return;
    }
    recompute(row);
  }

  function insert(row: number, value: number, at: number): number {
    if (baseTimes[row] !== 0 && at <= baseTimes[row]) return acceptance.late;
    const start = row * depth;
    const count = counts[row];
    let place = start + count;
    while (place > start && times[place - 1] > at) place--;
    if (place > start && times[place - 1] === at) {
      if (value > samples[place - 1]) {
        samples[place - 1] = value;
        recompute(row);
      }
      return acceptance.duplicate;
    }
    if (count < depth) {
      times.copyWithin(place + 1, place, start + count);
      samples.copyWithin(place + 1, place, start + count);
      counts[row] = count + 1;
    } else if (place === start) {
      foldIntoBase(row, value, at);
      recompute(row);
      return smoothing.kind === 'ewma' ? acceptance.outOfOrder : acceptance.late;
    } else {
      foldIntoBase(row, samples[start], times[start]);
      times.copyWithin(start, start + 1, place);
      samples.copyWithin(start, start + 1, place);
      place--;
    }
    times[place] = at;
    samples[place] = value;
    recompute(row);
    return acceptance.outOfOrder;
  }

  function changeDepth(next: number): void {
    const kept = Math.min(depth, next);
    const nextTimes = new Float64Array(rowsHeld * next);
    const nextSamples = new Float64Array(rowsHeld * next);
    for (let row = 0; row < rowsHeld; row++) {
      const count = Math.min(counts[row], kept);
      const from = row * depth + counts[row] - count;
      for (let i = 0; i < count; i++) {
        nextTimes[row * next + i] = times[from + i];
        nextSamples[row * next + i] = samples[from + i];
      }
      counts[row] = count;
    }
    depth = next;
    times = nextTimes;
    samples = nextSamples;
  }

  return {
    name,
    unit,
    configure(next) {
      if (sameSmoothing(smoothing, next)) return;
      smoothing = next;
      changeDepth(next.kind === 'ewma' ? ewmaDepth : next.kind === 'percentile' ? percentileDepth : 1);
      baseTimes.fill(0);
      for (let row = 0; row < rowsHeld; row++) if (counts[row] > 0) recompute(row);
    },
    ensureRows(rows) {
      if (rows <= rowsHeld) return;
      counts = growUint8(counts, rows);
      rowsHeld = counts.length;
      times = growFloat64(times, rowsHeld * depth);
      samples = growFloat64(samples, rowsHeld * depth);
      bases = growFloat64(bases, rowsHeld);
      baseTimes = growFloat64(baseTimes, rowsHeld);
      smoothed = growFloat64(smoothed, rowsHeld);
      newest = growFloat64(newest, rowsHeld);
    },
    accept(row, value, observedAt) {
      if (observedAt <= newest[row]) return insert(row, value, observedAt);
      append(row, value, observedAt);
      return acceptance.accepted;
    },
    clearRow(row) {
      counts[row] = 0;
      baseTimes[row] = 0;
      smoothed[row] = 0;
      newest[row] = 0;
    },
    copyRow(from, to) {
      times.copyWithin(to * depth, from * depth, (from + 1) * depth);
      samples.copyWithin(to * depth, from * depth, (from + 1) * depth);
      counts[to] = counts[from];
      bases[to] = bases[from];
      baseTimes[to] = baseTimes[from];
      smoothed[to] = smoothed[from];
      newest[to] = newest[from];
    },
    exchangeRows(one, other) {
      for (let i = 0; i < depth; i++) {
        exchange(times, one * depth + i, other * depth + i);
        exchange(samples, one * depth + i, other * depth + i);
      }
      for (const perRow of [counts, bases, baseTimes, smoothed, newest]) exchange(perRow, one, other);
    },
    smoothed: () => smoothed,
    newestAt: () => newest,
  };
}

function exchange(values: Float64Array | Uint8Array, one: number, other: number): void {
  const kept = values[one];
  values[one] = values[other];
  values[other] = kept;
}

function sameSmoothing(left: SmoothingPolicy, right: SmoothingPolicy): boolean {
  if (left.kind === 'ewma' && right.kind === 'ewma') return left.halfLifeMs === right.halfLifeMs;
  if (left.kind === 'percentile' && right.kind === 'percentile') {
    return left.percentile === right.percentile && left.windowMs === right.windowMs;
  }
  return left.kind === right.kind;
}
