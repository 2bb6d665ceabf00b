import type { ChangeWindow } from '../domain/policy.ts';

/**
 * When change windows open, in the time zones of their owners. Instants are milliseconds since the epoch; the time zone
 * database is the runtime's (Intl). Windows follow the wall clock: a day with a switch of daylight saving time makes
 * one that spans the switch an hour shorter or longer.
 */

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** A window opens at least once a week, and daylight saving time can swallow one opening: two weeks are enough. */
const maxDaysAhead = 15;

/** Whether the window is open: from its start up to, but excluding, its end. */
export function isInsideWindow(window: ChangeWindow, at: number): boolean {
  const local = wallTime(at, window.timeZone);
  const minute = Math.floor((local % dayMs) / minuteMs);
  const today = weekdayOf(local);
  const start = minutesOf(window.start);
  const end = minutesOf(window.end);
  if (start < end) return window.days.includes(today) && minute >= start && minute < end;
  // It crosses midnight; the days are those on which it opens.
  const yesterday = today === 1 ? 7 : today - 1;
  return (
    (window.days.includes(today) && minute >= start) || (window.days.includes(yesterday) && minute < end)
  );
}

/** The first instant after `now` at which one of the windows opens; undefined when none does within two weeks. */
export function nextOpening(windows: readonly ChangeWindow[], now: number): number | undefined {
  let earliest: number | undefined;
  for (const window of windows) {
    const opening = nextOpeningOf(window, now);
    if (opening !== undefined && (earliest === undefined || opening < earliest)) earliest = opening;
  }
  return earliest;
}

function nextOpeningOf(window: ChangeWindow, now: number): number | undefined {
  const local = wallTime(now, window.timeZone);
  const midnight = local - (local % dayMs);
  for (let day = 0; day <= maxDaysAhead; day++) {
    const date = midnight + day * dayMs;
    if (!window.days.includes(weekdayOf(date))) continue;
    const wall = date + minutesOf(window.start) * minuteMs;
    const opening = instantsOf(wall, window.timeZone).find((instant) => instant > now);
    if (opening !== undefined) return opening;
  }
  return undefined;
}

/**
 * The instants at which clocks of the zone show a wall time: usually one; two when they are set back over it; when they
 * are set forward over it, the instant of the switch, from which on they show a later time.
 */
function instantsOf(wall: number, timeZone: string): readonly number[] {
  // No zone switches twice within two days, so the offsets a day around are those before and after a switch.
  const before = offsetAt(wall - dayMs, timeZone);
  const after = offsetAt(wall + dayMs, timeZone);
  const candidates = before === after ? [wall - before] : [wall - before, wall - after];
  const shown = candidates.filter((instant) => wallTime(instant, timeZone) === wall);
  if (shown.length > 0) return shown.toSorted((one, other) => one - other);
  let low = Math.min(...candidates);
  let high = Math.max(...candidates);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallTime(middle, timeZone) < wall) low = middle;
    else high = middle;
  }
  return [high];
}

function offsetAt(instant: number, timeZone: string): number {
  return wallTime(instant, timeZone) - instant;
}

/** What clocks of the zone show, as if it were UTC: milliseconds since the epoch of that reading. */
function wallTime(instant: number, timeZone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const milliseconds = ((instant % 1_000) + 1_000) % 1_000;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}

/** Formatters are slow to make and used again and again: kept up to this number of zones, then all made anew. */
const maxFormatters = 64;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  if (formatters.size >= maxFormatters) formatters.clear();
  const created = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(timeZone, created);
  return created;
}

/** 1 Monday .. 7 Sunday of a wall time. */
function weekdayOf(wall: number): number {
  return new Date(wall).getUTCDay() || 7;
}

/** Minutes since midnight of `HH:MM`. */
function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}
