import type { DurationRange } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';

/** Moves in their order, as columns. */
export interface TimedMoves {
  /** Wave per move, never falling. */
  readonly waves: Int32Array;
  /** Node indices per move. */
  readonly sources: Int32Array;
  readonly destinations: Int32Array;
  /** Bytes copied per move. */
  readonly bytes: Float64Array;
}

/** What the steps of a move take besides copying: five calls of about a tenth of a second. */
const stepsMs = 500;

/** Policy's rate is a guess until copies are measured; it may be off by this factor either way, as `execution/eta.ts` has it. */
const guessFactor = 2;

/**
 * How long the moves take: wave after wave, each as long as its slowest node needs. `assumedBytesPerSecond` is what one
 * copy gets when it is alone.
 *
 * - expected: copies into a node share what one gets, and so do copies out of it: a copy saturates a link one way.
 * - low: copies do not slow each other, a wave is as long as its largest; the rate is twice the assumed one.
 * - high: copies into and out of a node share as well, as on a disk; the rate is half the assumed one.
 *
 * O(moves).
 */
export function estimateDuration(moves: TimedMoves, nodeCount: number, policy: Policy): DurationRange {
  const bytesPerMs = Math.max(1e-9, policy.execution.assumedBytesPerSecond / 1_000);
  const into = new Float64Array(nodeCount);
  const out = new Float64Array(nodeCount);
  const { waves, sources, destinations, bytes } = moves;
  let low = 0;
  let expected = 0;
  let high = 0;
  for (let start = 0, end = 0; start < waves.length; start = end) {
    while (end < waves.length && waves[end] === waves[start]) {
      out[sources[end]] += bytes[end];
      into[destinations[end]] += bytes[end];
      end += 1;
    }
    let largest = 0;
    let oneWay = 0;
    let bothWays = 0;
    for (let at = start; at < end; at++) {
      const [source, destination] = [sources[at], destinations[at]];
      largest = Math.max(largest, bytes[at]);
      oneWay = Math.max(oneWay, out[source], into[destination]);
      bothWays = Math.max(bothWays, out[source] + into[source], out[destination] + into[destination]);
    }
    for (let at = start; at < end; at++) {
      out[sources[at]] = 0;
      into[destinations[at]] = 0;
    }
    low += (largest / bytesPerMs + stepsMs) / guessFactor;
    expected += oneWay / bytesPerMs + stepsMs;
    high += (bothWays / bytesPerMs + stepsMs) * guessFactor;
  }
  return { lowMs: Math.round(low), expectedMs: Math.round(expected), highMs: Math.round(high) };
}
