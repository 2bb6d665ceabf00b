import { expect, test } from 'bun:test';
import { createRandom } from '../../../base/random.ts';
import { createCooling } from './temperature.ts';

const range = { start: 100, end: 1, tightness: 0 };

/** Temperatures at a hundred places of the budget, and where further cycles began from what. */
function follow(perReplica: number) {
  const cooling = createCooling(range, createRandom(1), { perReplica: () => perReplica, isFresh: true });
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

test('where something has been annealed before, every cycle goes on from the best, less hot', () => {
  const cooling = createCooling(range, createRandom(1), { perReplica: () => 3 * 160_000, isFresh: false });
  const starts = Array.from({ length: 100 }, (_, percent) => {
    const start = cooling.follow(percent / 100);
    expect(cooling.temperature()).toBeLessThan(100.1);
    return start;
  });
  expect(starts.filter((start) => start !== null)).toEqual(['best', 'best']);
});

test('one that has more time begins above the largest steps', () => {
  expect(follow(160_000).temperatures[0]).toBeCloseTo(200);
  expect(follow(160_000).begins).toEqual([]);
});

test('one that has several times as long begins several times, less hot each time, and goes on from the best', () => {
  const { begins, temperatures } = follow(10 * 160_000);
  expect(begins).toEqual(
    [10, 20, 30, 40, 50, 60, 70, 80, 90].map((percent) => [percent, percent < 30 ? 'first' : 'best']),
  );
  for (const [percent] of begins) expect(temperatures[percent - 1]).toBeLessThan(0.2);
  expect(temperatures[10]).toBeGreaterThan(temperatures[20] * 2);
  expect(temperatures[20]).toBeCloseTo(10);
  for (let percent = 30; percent < 100; percent += 10) {
    expect(temperatures[percent]).toBeGreaterThan(9.9);
    expect(temperatures[percent]).toBeLessThan(100.1);
  }
  expect(follow(1e12).begins.length).toBe(11);
});
