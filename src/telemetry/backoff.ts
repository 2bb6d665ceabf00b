import type { Random } from '../base/random.ts';

/** Waits between attempts to connect: doubling, capped, with jitter so that many clients do not return as one. */
export interface Backoff {
  /** Milliseconds to wait before the next attempt: from half to all of the step, which doubles up to the cap. */
  next(): number;
  /** The last attempt succeeded: begin again with the first step. */
  reset(): void;
}

export function createBackoff(random: Random, firstMs: number, capMs: number): Backoff {
  let stepMs = firstMs;
  return {
    next() {
      const waitMs = stepMs * (0.5 + random.next() / 2);
      stepMs = Math.min(capMs, stepMs * 2);
      return waitMs;
    },
    reset() {
      stepMs = firstMs;
    },
  };
}
