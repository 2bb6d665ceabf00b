import type { DurationRange } from '../domain/plan.ts';

/** What is left of a wave. */
export interface WaveRest {
  readonly moves: number;
  readonly bytes: number;
  /** Bytes of the largest move: a wave takes at least as long as that one. */
  readonly largestBytes: number;
}

/** What was measured on moves that ended. */
export interface MoveMeasurement {
  readonly bytes: number;
  readonly durationMs: number;
}

export interface EtaInput {
  readonly waves: readonly WaveRest[];
  readonly measured: readonly MoveMeasurement[];
  /** Moves that may run at once. */
  readonly concurrency: number;
  /** Policy's guess until something was measured. */
  readonly assumedBytesPerSecond: number;
}

/** Time of a move that copies nothing, until measured: a handful of calls, milliseconds. */
export const assumedMoveOverheadMs = 500;
/** Newest measurements that count; older ones tell of another load. */
export const maxMeasurements = 64;
/** Fewer measurements than this do not narrow the range to what they spread over. */
const enoughMeasurements = 5;
/** The guess may be off by this factor either way. */
const guessFactor = 2;

/**
 * Remaining time of a plan: waves one after the other, each as long as its work shared by the moves that run at once,
 * and never shorter than its largest move. Low and high come from the fast and slow deciles of what was measured.
 */
export function remainingTime(input: EtaInput): DurationRange {
  const speeds = speedsOf(input);
  const [low, expected, high] = speeds.map((speed) => totalMs(input, speed));
  return {
    lowMs: Math.round(low ?? 0),
    expectedMs: Math.round(expected ?? 0),
    highMs: Math.round(high ?? 0),
  };
}

interface Speed {
  readonly bytesPerMs: number;
  readonly overheadMs: number;
}

function totalMs(input: EtaInput, speed: Speed): number {
  const lanes = Math.max(1, input.concurrency);
  let total = 0;
  for (const wave of input.waves) {
    if (wave.moves === 0) continue;
    const work = wave.bytes / speed.bytesPerMs + wave.moves * speed.overheadMs;
    const largest = wave.largestBytes / speed.bytesPerMs + speed.overheadMs;
    total += Math.max(largest, work / Math.min(lanes, wave.moves));
  }
  return total;
}

/** Fast, usual and slow. */
function speedsOf(input: EtaInput): readonly [Speed, Speed, Speed] {
  const assumed = Math.max(1, input.assumedBytesPerSecond) / 1_000;
  const overheads = input.measured
    .filter((each) => each.bytes === 0)
    .map((each) => Math.max(1, each.durationMs))
    .sort(ascending);
  const usualOverhead = quantile(overheads, 0.5) ?? assumedMoveOverheadMs;
  const rates = input.measured
    .filter((each) => each.bytes > 0)
    .map((each) => each.bytes / Math.max(1, each.durationMs - Math.min(usualOverhead, each.durationMs / 2)))
    .sort(ascending);
  const enoughRates = rates.length >= enoughMeasurements;
  const enoughOverheads = overheads.length >= enoughMeasurements;
  const rate = quantile(rates, 0.5) ?? assumed;
  return [
    {
      bytesPerMs: (enoughRates ? quantile(rates, 0.9) : undefined) ?? rate * guessFactor,
      overheadMs: (enoughOverheads ? quantile(overheads, 0.1) : undefined) ?? usualOverhead / guessFactor,
    },
    { bytesPerMs: rate, overheadMs: usualOverhead },
    {
      bytesPerMs: (enoughRates ? quantile(rates, 0.1) : undefined) ?? rate / guessFactor,
      overheadMs: (enoughOverheads ? quantile(overheads, 0.9) : undefined) ?? usualOverhead * guessFactor,
    },
  ];
}

function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.round((sorted.length - 1) * share)];
}

function ascending(left: number, right: number): number {
  return left - right;
}
