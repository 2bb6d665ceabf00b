import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../../../base/random.ts';
import { createCooling, planCycles } from './temperature.ts';

const range = { start: 100, end: 1 };

/** Temperatures at a hundred places of the budget, and where further cycles began from what. */
function follow(perReplica: number) {
  const cooling = createCooling(range, createRandom(1), () => perReplica);
  const begins: [number, string][] = [];
  const temperatures = Array.from({ length: 100 }, (_, percent) => {
    const start = cooling.follow(percent / 100);
    if (start !== null) begins.push([percent, start]);
    return cooling.temperature();
  });
  return { begins, temperatures };
}

test('a short search cools once, from lower down, and never warms up', () => {
  const { begins, temperatures } = follow(8_000);
  expect(begins).toEqual([]);
  expect(temperatures[0]).toBeCloseTo(30);
  expect(temperatures).toEqual(temperatures.toSorted((left, right) => right - left));
  expect(temperatures[99]).toBeLessThan(0.01);
});

test('one that has more time begins above the largest steps', () => {
  expect(follow(160_000).temperatures[0]).toBeCloseTo(200);
  expect(follow(160_000).begins).toEqual([]);
});

test('one that has several times as long begins several times, less hot each time, and goes on from the best', () => {
  const { begins, temperatures } = follow(5 * 160_000 + 1);
  expect(begins).toEqual([20, 40, 60, 80].map((percent) => [percent, 'best']));
  for (const [percent] of begins) {
    expect(temperatures[percent - 1]).toBeLessThan(0.2);
    expect(temperatures[percent]).toBeGreaterThan(9.9);
    expect(temperatures[percent]).toBeLessThan(100.1);
  }
  const cycles = planCycles(7 * 160_000 + 1, createRandom(1));
  expect(cycles.map(({ start }) => start)).toEqual(['first', 'first', ...Array(5).fill('best')]);
  expect(cycles[0].factor).toBeGreaterThan(cycles[1].factor);
});

test('with time to melt the fleet, most of it is for long coolings from high up', () => {
  const { begins, temperatures } = follow(12 * 160_000);
  const starts = ['first', 'first', 'first', 'best', 'best'];
  expect(begins).toEqual([34, 67, 75, 84, 92].map((percent, index) => [percent, starts[index]]));
  expect(temperatures[1]).toBeGreaterThan(400);
  expect(temperatures[34]).toBeGreaterThan(400);
  expect(temperatures[67]).toBeLessThan(100.1);
  expect(temperatures[75]).toBeCloseTo(10, 0);
  expect(follow(1e12).begins).toEqual(begins);
});

test('cycles fill the budget, whatever it is, and the first of them begins where the search does', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e9, noNaN: true }), (perReplica) => {
      const cycles = planCycles(perReplica, createRandom(1));
      expect(cycles[0].start).toBe('first');
      const firstBest = cycles.findIndex(({ start }) => start === 'best');
      if (firstBest >= 0) expect(cycles.slice(firstBest).every(({ start }) => start === 'best')).toBe(true);
      for (const { factor, length } of cycles) {
        expect(factor).toBeGreaterThan(0);
        expect(length).toBeGreaterThanOrEqual(1);
      }
      expect(cycles.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(12);
    }),
  );
});
