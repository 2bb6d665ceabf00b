import { Cron } from 'croner';
import type { SchedulePolicy } from '../domain/policy.ts';

/**
 * When the next scheduled dry run is due, in milliseconds since the epoch; undefined when there is none.
 *
 * @param after the last one, or the time from which to count
 */
export function nextDryRunAt(schedule: SchedulePolicy | null, after: number): number | undefined {
  if (!schedule) return undefined;
  // Without a function to call, croner only computes; nothing of it asks the machine's clock.
  const cron = new Cron(schedule.cron, { timezone: schedule.timeZone, paused: true });
  return cron.nextRun(new Date(after))?.getTime();
}
