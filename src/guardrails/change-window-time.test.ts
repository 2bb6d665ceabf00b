import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ChangeWindow } from '../domain/policy.ts';
import { isInsideWindow, nextOpening } from './change-window-time.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const window = (rest: Partial<ChangeWindow>): ChangeWindow => ({
  days: everyDay,
  start: '10:00',
  end: '12:00',
  timeZone: 'UTC',
  ...rest,
});
const at = (iso: string): number => Date.parse(iso);
const opening = (each: ChangeWindow, now: string): string | undefined => {
  const instant = nextOpening([each], at(now));
  return instant === undefined ? undefined : new Date(instant).toISOString();
};

describe('a window within a day', () => {
  test.each([
    ['2026-03-04T09:59:59.999Z', false],
    ['2026-03-04T10:00:00Z', true],
    ['2026-03-04T11:59:59.999Z', true],
    ['2026-03-04T12:00:00Z', false],
  ])('at %s is open: %p', (now, open) => {
    expect(isInsideWindow(window({}), at(now))).toBe(open);
  });

  test('opens on its days only', () => {
    const wednesdays = window({ days: [3] });
    expect(isInsideWindow(wednesdays, at('2026-03-04T11:00:00Z'))).toBe(true);
    expect(isInsideWindow(wednesdays, at('2026-03-05T11:00:00Z'))).toBe(false);
    expect(opening(wednesdays, '2026-03-04T12:00:00Z')).toBe('2026-03-11T10:00:00.000Z');
    expect(opening(wednesdays, '2026-03-04T09:00:00Z')).toBe('2026-03-04T10:00:00.000Z');
  });

  test('follows the wall clock of its time zone', () => {
    const newYork = window({ timeZone: 'America/New_York' });
    expect(isInsideWindow(newYork, at('2026-01-15T15:00:00Z'))).toBe(true);
    expect(isInsideWindow(newYork, at('2026-07-15T14:00:00Z'))).toBe(true);
    expect(isInsideWindow(newYork, at('2026-01-15T14:59:00Z'))).toBe(false);
    const kolkata = window({ timeZone: 'Asia/Kolkata', days: [7] });
    expect(opening(kolkata, '2026-03-06T00:00:00Z')).toBe('2026-03-08T04:30:00.000Z');
  });

  test('takes the day from its time zone, not from UTC', () => {
    const auckland = window({ timeZone: 'Pacific/Auckland', days: [4] });
    expect(isInsideWindow(auckland, at('2026-03-04T22:00:00Z'))).toBe(true);
  });
});

describe('a window across midnight', () => {
  const fridayNight = window({ days: [5], start: '22:00', end: '04:00', timeZone: 'Europe/Berlin' });

  test.each([
    ['2026-03-06T20:59:00Z', false],
    ['2026-03-06T21:00:00Z', true],
    ['2026-03-07T02:59:00Z', true],
    ['2026-03-07T03:00:00Z', false],
    ['2026-03-07T21:00:00Z', false],
    ['2026-03-06T01:00:00Z', false],
  ])('at %s is open: %p', (now, open) => {
    expect(isInsideWindow(fridayNight, at(now))).toBe(open);
  });

  test('from Sunday runs into Monday', () => {
    const sundayNight = window({ days: [7], start: '23:00', end: '01:00' });
    expect(isInsideWindow(sundayNight, at('2026-03-09T00:30:00Z'))).toBe(true);
    expect(isInsideWindow(sundayNight, at('2026-03-10T00:30:00Z'))).toBe(false);
  });
});

describe('daylight saving time', () => {
  /** Berlin goes from 02:00 to 03:00 on 29 March 2026 (01:00Z) and from 03:00 back to 02:00 on 25 October (01:00Z). */
  const berlin = (start: string, end: string): ChangeWindow =>
    window({ start, end, timeZone: 'Europe/Berlin' });

  test('a window whose start is skipped opens when the clocks are set forward', () => {
    const skipped = berlin('02:30', '05:00');
    expect(opening(skipped, '2026-03-29T00:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(isInsideWindow(skipped, at('2026-03-29T00:59:59Z'))).toBe(false);
    expect(isInsideWindow(skipped, at('2026-03-29T01:00:00Z'))).toBe(true);
  });

  test('a window that spans the skipped hour is an hour shorter', () => {
    const spanning = berlin('01:00', '04:00');
    expect(isInsideWindow(spanning, at('2026-03-29T00:00:00Z'))).toBe(true);
    expect(isInsideWindow(spanning, at('2026-03-29T01:59:00Z'))).toBe(true);
    expect(isInsideWindow(spanning, at('2026-03-29T02:00:00Z'))).toBe(false);
  });

  test('a window in the repeated hour opens twice', () => {
    const repeated = berlin('02:15', '02:45');
    expect(opening(repeated, '2026-10-25T00:00:00Z')).toBe('2026-10-25T00:15:00.000Z');
    expect(opening(repeated, '2026-10-25T00:45:00Z')).toBe('2026-10-25T01:15:00.000Z');
    expect(opening(repeated, '2026-10-25T01:45:00Z')).toBe('2026-10-26T01:15:00.000Z');
  });

  test('the opening of the days around it follows the offset of each', () => {
    expect(opening(berlin('10:00', '12:00'), '2026-03-28T12:00:00Z')).toBe('2026-03-29T08:00:00.000Z');
    expect(opening(berlin('10:00', '12:00'), '2026-10-24T12:00:00Z')).toBe('2026-10-25T09:00:00.000Z');
  });
});

describe('the next opening', () => {
  test('is the earliest of several windows', () => {
    const windows = [window({ start: '15:00', end: '16:00' }), window({ start: '13:00', end: '14:00' })];
    expect(nextOpening(windows, at('2026-03-04T12:00:00Z'))).toBe(at('2026-03-04T13:00:00Z'));
  });

  test('does not exist without windows', () => {
    expect(nextOpening([], 0)).toBeUndefined();
  });

  test('is later than now, inside the window, and not inside a moment before', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Pacific/Auckland',
    ];
    const minutes = fc.integer({ min: 0, max: 24 * 60 - 1 });
    const clock = (minute: number): string =>
      `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    fc.assert(
      fc.property(
        fc.integer({ min: at('2025-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') }),
        fc.subarray(everyDay, { minLength: 1 }),
        minutes,
        minutes,
        fc.constantFrom(...zones),
        (now, days, start, end, timeZone) => {
          fc.pre(start !== end);
          const each = window({ days, start: clock(start), end: clock(end), timeZone });
          fc.pre(!isInsideWindow(each, now));
          const opens = nextOpening([each], now);
          expect(opens).toBeDefined();
          if (opens === undefined) return;
          expect(opens).toBeGreaterThan(now);
          expect(isInsideWindow(each, opens)).toBe(true);
          expect(isInsideWindow(each, opens - 1)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
