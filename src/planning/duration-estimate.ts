import type { Move } from '../domain/move.ts';
import type { DurationRange } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';

/** What the steps of a move take besides copying: five calls of about a tenth of a second. */
const stepsMs = 500;

/** Copies that share links and disks with serving, and a retry here and there. */
const highFactor = 2.5;

/**
 * How long the moves take. Expected: wave after wave, each as long as its largest copy. Low: the same bytes spread
 * evenly over policy's concurrency, without waiting for a wave's last. High: a multiple of the expected.
 */
export function estimateDuration(moves: readonly Move[], policy: Policy): DurationRange {
  const bytesPerMs = Math.max(1e-9, policy.execution.assumedBytesPerSecond / 1_000);
  const longest = new Map<number, number>();
  let bytes = 0;
  for (const move of moves) {
    bytes += move.bytes;
    longest.set(move.wave, Math.max(longest.get(move.wave) ?? 0, move.bytes));
  }
  let expected = 0;
  for (const largest of longest.values()) expected += largest / bytesPerMs + stepsMs;
  const concurrency = Math.max(1, policy.concurrency.namespace);
  const even = (bytes / bytesPerMs + moves.length * stepsMs) / concurrency;
  return {
    lowMs: Math.round(Math.min(even, expected)),
    expectedMs: Math.round(expected),
    highMs: Math.round(expected * highFactor),
  };
}
