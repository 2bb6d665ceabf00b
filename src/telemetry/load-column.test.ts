import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { SmoothingPolicy } from '../domain/policy.ts';
import { acceptance, createLoadColumn, type LoadColumn } from './load-column.ts';
import { ewmaStep, percentileOf } from './smoothing.ts';

function columnOf(smoothing: SmoothingPolicy): LoadColumn {
  const column = createLoadColumn('cpu', 'cores');
  column.configure(smoothing);
  column.ensureRows(3);
  return column;
}

const ewma: SmoothingPolicy = { kind: 'ewma', halfLifeMs: 5_000 };
const percentile: SmoothingPolicy = { kind: 'percentile', percentile: 90, windowMs: 20_000 };

/** Samples in order of time, several times more than are held apart. */
const series = fc
  .array(fc.record({ gapMs: fc.integer({ min: 1, max: 9_000 }), value: fc.integer({ min: 0, max: 100 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((gaps) => {
    let at = 1_000;
    return gaps.map(({ gapMs, value }) => {
      at += gapMs;
      return { at, value };
    });
  });

describe('a load column', () => {
  test('averages a series as the formula does, step by step', () => {
    fc.assert(
      fc.property(series, (samples) => {
        const column = columnOf(ewma);
        let expected = Number.NaN;
        let before = 0;
        for (const { at, value } of samples) {
          expect(column.accept(1, value, at)).toBe(acceptance.accepted);
          expected = before === 0 ? value : ewmaStep(expected, value, at - before, 5_000);
          before = at;
          expect(column.smoothed()[1]).toBe(expected);
        }
      }),
    );
  });

  test('takes the percentile of the newest samples in the window', () => {
    fc.assert(
      fc.property(series, (samples) => {
        const column = columnOf(percentile);
        for (const { at, value } of samples) column.accept(1, value, at);
        const newest = samples.at(-1)?.at ?? 0;
        const window = samples.slice(-16).filter((each) => each.at >= newest - 20_000);
        const values = Float64Array.from(window, (each) => each.value);
        expect(column.smoothed()[1]).toBe(percentileOf(values, values.length, 90));
      }),
    );
  });

  test('gives the same whether a sample is in time or overtaken by up to three others', () => {
    fc.assert(
      fc.property(series, fc.nat(59), fc.integer({ min: 1, max: 3 }), (samples, from, places) => {
        const inOrder = columnOf(ewma);
        for (const { at, value } of samples) inOrder.accept(0, value, at);
        const disordered = columnOf(ewma);
        const moved = [...samples];
        const [late] = moved.splice(from % samples.length, 1);
        if (late) moved.splice(Math.min(moved.length, (from % samples.length) + places), 0, late);
        for (const { at, value } of moved) disordered.accept(0, value, at);
        expect(disordered.smoothed()[0]).toBe(inOrder.smoothed()[0] ?? Number.NaN);
      }),
    );
  });

  test('says what became of each sample', () => {
    const column = columnOf(ewma);
    for (let second = 1; second <= 9; second += 2) column.accept(0, 1, second * 1_000);
    expect(column.accept(0, 5, 8_000)).toBe(acceptance.outOfOrder);
    expect(column.accept(0, 5, 8_000)).toBe(acceptance.duplicate);
    expect(column.accept(0, 5, 1_000)).toBe(acceptance.late);
  });

  test('of two samples of one time counts the greater, whichever comes first', () => {
    for (const pair of [
      [3, 7],
      [7, 3],
    ]) {
      const column = columnOf({ kind: 'none' });
      for (const value of pair) column.accept(0, value, 1_000);
      expect(column.smoothed()[0]).toBe(7);
    }
  });

  test('keeps its rows apart, copies and clears them', () => {
    const column = columnOf(ewma);
    column.accept(0, 4, 1_000);
    column.accept(1, 9, 2_000);
    column.copyRow(0, 2);
    column.clearRow(0);
    expect([...column.smoothed().slice(0, 3)]).toEqual([0, 9, 4]);
    expect([...column.newestAt().slice(0, 3)]).toEqual([0, 2_000, 1_000]);
  });

  test('keeps its newest samples when it is to smooth in another way', () => {
    const column = columnOf(percentile);
    for (const [index, value] of [1, 8, 3].entries()) column.accept(0, value, 1_000 * (index + 1));
    column.configure({ kind: 'none' });
    expect(column.smoothed()[0]).toBe(3);
    column.configure(ewma);
    column.accept(0, 3, 9_000);
    expect(column.smoothed()[0]).toBe(3);
  });
});
