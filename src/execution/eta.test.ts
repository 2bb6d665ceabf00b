import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type EtaInput, remainingTime } from './eta.ts';

const mb = 1_000_000;
const input: EtaInput = {
  waves: [{ moves: 4, bytes: 400 * mb, largestBytes: 100 * mb }],
  measured: [],
  concurrency: 2,
  assumedBytesPerSecond: 100 * mb,
};

describe('the remaining time', () => {
  test('follows from the assumed rate until something was measured, with a factor of two either way', () => {
    // 400 MB at 100 MB/s and 4 × 0.5 s of calls, by two: 3 s.
    expect(remainingTime(input)).toEqual({ lowMs: 1_500, expectedMs: 3_000, highMs: 6_000 });
  });

  test('is no shorter than the largest move of each wave', () => {
    const wave = { moves: 2, bytes: 110 * mb, largestBytes: 100 * mb };
    expect(remainingTime({ ...input, waves: [wave], concurrency: 10 }).expectedMs).toBe(1_500);
  });

  test('adds up over waves, and is nothing when nothing is left', () => {
    const wave = { moves: 1, bytes: 100 * mb, largestBytes: 100 * mb };
    expect(remainingTime({ ...input, waves: [wave, wave] }).expectedMs).toBe(3_000);
    expect(remainingTime({ ...input, waves: [{ moves: 0, bytes: 0, largestBytes: 100 * mb }] }).highMs).toBe(
      0,
    );
  });

  test('narrows to what was measured', () => {
    const measured = Array.from({ length: 10 }, () => ({ bytes: 100 * mb, durationMs: 10_500 }));
    const { lowMs, expectedMs, highMs } = remainingTime({ ...input, measured });
    expect(expectedMs).toBe(21_000);
    expect(highMs - lowMs).toBeLessThan(2_000);
  });

  test('is always an ordered range of finite times', () => {
    const wave = fc.record({ moves: fc.nat(50), bytes: fc.nat(1e9), largestBytes: fc.nat(1e9) });
    const measured = fc.array(fc.record({ bytes: fc.nat(1e9), durationMs: fc.nat(1e6) }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(wave, { maxLength: 5 }), measured, fc.nat(64), (waves, samples, concurrency) => {
        const { lowMs, expectedMs, highMs } = remainingTime({
          ...input,
          waves,
          measured: samples,
          concurrency,
        });
        return lowMs >= 0 && lowMs <= expectedMs && expectedMs <= highMs && Number.isFinite(highMs);
      }),
    );
  });
});
