import type { Clock } from '../../base/clock.ts';

/** The newest sample of everything that was measured lately: what a new reader begins with. */
export interface LatestSamples<T> {
  /** Answers false when as many as may be are held and this is of another one. */
  put(sample: T): boolean;
  /** Measured within `retainedMs`. */
  recent(): readonly T[];
}

export interface LatestOptions<T> {
  readonly clock: Clock;
  readonly limit: number;
  readonly keyOf: (sample: T) => string;
  readonly observedAtOf: (sample: T) => number;
}

/** What was last measured longer ago is of nobody's use; a quarter of an hour is far above every policy's age. */
export const retainedMs = 15 * 60_000;

export function createLatestSamples<T>(options: LatestOptions<T>): LatestSamples<T> {
  const { clock, limit, keyOf, observedAtOf } = options;
  const samples = new Map<string, T>();

  function forgetOld(): void {
    const oldest = clock.now() - retainedMs;
    for (const [key, sample] of samples) if (observedAtOf(sample) < oldest) samples.delete(key);
  }

  return {
    put(sample) {
      const key = keyOf(sample);
      const known = samples.get(key);
      if (known === undefined && samples.size >= limit) {
        forgetOld();
        if (samples.size >= limit) return false;
      }
      if (known === undefined || observedAtOf(sample) >= observedAtOf(known)) samples.set(key, sample);
      return true;
    },
    recent() {
      forgetOld();
      return [...samples.values()];
    },
  };
}
