import type { Clock } from '../../base/clock.ts';

/** The default of policies' `telemetry.maxSkew`; a namespace's policy decides for itself what it refuses. */
const maxSkewMs = 5_000;

/** Whether something was observed later than now by more than clocks usually differ. */
export function isSkewed(observedAt: number, clock: Clock): boolean {
  return observedAt > clock.now() + maxSkewMs;
}
