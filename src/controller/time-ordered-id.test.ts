import { expect, test } from 'bun:test';
import { createRandom } from '../base/random.ts';
import { createIdMaker } from './time-ordered-id.ts';

function clockOf(times: number[]) {
  let index = 0;
  return { now: () => times[Math.min(index++, times.length - 1)] ?? 0 };
}

function idsAt(times: number[]): string[] {
  const clock = { ...clockOf(times), monotonic: () => 0, sleep: async () => {}, schedule: () => () => {} };
  const next = createIdMaker(clock, createRandom(1));
  return times.map(() => next());
}

test('ids sort by age: within a millisecond, and when the clock steps back', () => {
  const ids = idsAt([
    1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_001, 1_600_000_000_000, 1_700_000_000_002,
  ]);
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
});

test('ids are 26 digits of Crockford’s base 32', () => {
  for (const id of idsAt([0, 1, 1_700_000_000_000])) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});

test('a hundred thousand ids of one millisecond differ', () => {
  const ids = idsAt(Array.from({ length: 100_000 }, () => 5));
  expect(new Set(ids).size).toBe(ids.length);
});
