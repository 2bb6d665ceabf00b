import { expect, test } from 'bun:test';
import { retryAfterMs } from './retry-after.ts';

const now = Date.UTC(2026, 0, 1);

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', undefined],
  ['soon', undefined],
  ['-5', undefined],
  ['1e9', undefined],
  [null, undefined],
])('Retry-After %p asks for %p ms', (header, expected) => {
  expect(retryAfterMs(header, now)).toBe(expected);
});
