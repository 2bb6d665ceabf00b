import type { Clock } from '../base/clock.ts';

/**
 * A fleet lives in two times. The clock's stamps what it sends, because the receivers compare stamps with their own
 * clock; its own passes `timeScale` times as fast and drives curves, copies, drains and the detection of deaths.
 */
export interface FleetTime {
  readonly clock: Clock;
  readonly timeScale: number;
  /** The clock's milliseconds since the epoch. */
  stamp(): number;
  /** The fleet's milliseconds since the epoch. */
  now(): number;
}

/** @param timeScale greater than 0; 1 is real time, 60 an hour in a minute */
export function createFleetTime(clock: Clock, timeScale: number): FleetTime {
  const start = clock.now();
  const origin = clock.monotonic();
  return {
    clock,
    timeScale,
    stamp: () => clock.now(),
    now: () => start + (clock.monotonic() - origin) * timeScale,
  };
}
