import type { Clock } from '../base/clock.ts';

/** How many calls one principal may begin. */
export interface RateLimit {
  /** Calls per second in the long run; above 0. */
  readonly perSecond: number;
  /** Calls at once after a rest; at least 1. */
  readonly burst: number;
}

/** An operator's console with dozens of tabs, or a script that lists in a loop, stays below; a runaway loop does not. */
export const defaultRateLimit: RateLimit = { perSecond: 500, burst: 2_000 };

export interface RateLimiter {
  /**
   * Takes one call from the principal's budget.
   *
   * @returns 0, or the milliseconds until there will be one
   */
  take(principal: string): number;
}

/** Principals remembered; the one that asked longest ago is forgotten first, with a full budget. */
const maxPrincipals = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket per principal (RFC 2697 in spirit): refilled by time, so that nothing runs while nobody calls. */
export function createRateLimiter(limit: RateLimit, clock: Pick<Clock, 'monotonic'>): RateLimiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(principal) {
      const now = clock.monotonic();
      const bucket = buckets.get(principal) ?? { tokens: limit.burst, at: now };
      buckets.delete(principal);
      if (buckets.size >= maxPrincipals) {
        for (const oldest of buckets.keys()) {
          buckets.delete(oldest);
          break;
        }
      }
      buckets.set(principal, bucket);
      bucket.tokens = Math.min(limit.burst, bucket.tokens + ((now - bucket.at) / 1_000) * limit.perSecond);
      bucket.at = now;
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / limit.perSecond) * 1_000);
      bucket.tokens -= 1;
      return 0;
    },
  };
}
