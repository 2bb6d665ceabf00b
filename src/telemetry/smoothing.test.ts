import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { ewmaStep, percentileOf } from './smoothing.ts';

const load = fc.double({ min: 0, max: 1e12, noNaN: true });
const elapsed = fc.integer({ min: 0, max: 10_000_000 });
const halfLife = fc.integer({ min: 1, max: 1_000_000 });

describe('the moving average', () => {
  test('lies between what it was and the new value', () => {
    fc.assert(
      fc.property(load, load, elapsed, halfLife, (average, value, elapsedMs, halfLifeMs) => {
        const next = ewmaStep(average, value, elapsedMs, halfLifeMs);
        expect(next).toBeGreaterThanOrEqual(Math.min(average, value));
        expect(next).toBeLessThanOrEqual(Math.max(average, value));
      }),
    );
  });

  test('of equal values is that value', () => {
    fc.assert(
      fc.property(load, elapsed, halfLife, (value, elapsedMs, halfLifeMs) => {
        expect(ewmaStep(value, value, elapsedMs, halfLifeMs)).toBe(value);
      }),
    );
  });

  test('goes half of the way in a half-life', () => {
    fc.assert(
      fc.property(load, load, halfLife, (average, value, halfLifeMs) => {
        const next = ewmaStep(average, value, halfLifeMs, halfLifeMs);
        expect(Math.abs(next - (average + value) / 2)).toBeLessThanOrEqual(
          1e-12 * Math.max(average, value, 1e-300),
        );
      }),
    );
  });

  test('does not depend on how often a steady value is sampled', () => {
    fc.assert(
      fc.property(
        load,
        load,
        fc.integer({ min: 1, max: 50 }),
        halfLife,
        (average, value, steps, halfLifeMs) => {
          const once = ewmaStep(average, value, steps * 1_000, halfLifeMs);
          let often = average;
          for (let step = 0; step < steps; step++) often = ewmaStep(often, value, 1_000, halfLifeMs);
          expect(Math.abs(once - often)).toBeLessThanOrEqual(1e-9 * Math.max(average, value, 1));
        },
      ),
    );
  });
});

describe('the percentile', () => {
  const values = fc.array(load, { minLength: 1, maxLength: 16 });

  test('is one of the values, which that share of them does not exceed', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (window, percentile) => {
        const found = percentileOf(Float64Array.from(window), window.length, percentile);
        expect(window).toContain(found);
        const covered = window.filter((value) => value <= found).length;
        expect(covered / window.length).toBeGreaterThanOrEqual(percentile / 100);
        const below = window.filter((value) => value < found).length;
        expect(below / window.length).toBeLessThan(percentile / 100);
      }),
    );
  });

  test('of a hundred is the largest, and grows with its rank', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 99 }), (window, percentile) => {
        const at = (rank: number): number => percentileOf(Float64Array.from(window), window.length, rank);
        expect(at(100)).toBe(Math.max(...window));
        expect(at(percentile)).toBeLessThanOrEqual(at(percentile + 1));
      }),
    );
  });

  test('looks only at the samples that there are', () => {
    expect(percentileOf(Float64Array.of(3, 1, 2, 99, 99), 3, 50)).toBe(2);
  });
});
