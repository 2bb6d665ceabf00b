import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.ts';

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['1.5s', 1_500],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0s', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toEqual({ ok: true, value: ms });
});

test.each(['', '5', 's', '1x', '1s ', '-1s', '1s2', '1e3s'])('"%s" is not a duration', (text) => {
  expect(parseDuration(text)).toMatchObject({ ok: false, error: expect.stringContaining('30s') });
});

test('what is printed reads back within its precision', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 * 86_400_000 }), (ms) => {
      const back = parseDuration(formatDuration(ms));
      expect(back.ok && Math.abs(back.value - ms) <= Math.max(100, ms * 0.05)).toBe(true);
    }),
  );
});
