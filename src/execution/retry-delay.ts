import type { Random } from '../base/random.ts';
import type { ExecutionPolicy } from '../domain/policy.ts';

/**
 * Milliseconds before the next attempt: doubles from `backoffMs` up to `maxBackoffMs`, of which half is random, so that
 * moves that failed together do not come back together.
 *
 * @param failures attempts that failed so far, at least 1
 */
export function retryDelay(policy: ExecutionPolicy, failures: number, random: Random): number {
  const doublings = Math.min(failures - 1, maxDoublings);
  const whole = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** doublings);
  return whole / 2 + (whole / 2) * random.next();
}

/** Beyond this the cap of any policy has long been reached. */
const maxDoublings = 20;
