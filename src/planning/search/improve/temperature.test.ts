import { expect, test } from 'bun:test';
import { createCooling } from './temperature.ts';

const range = { start: 100, end: 1 };

/** Temperatures at a hundred places of the budget, and where cycles began. */
function follow(perReplica: number) {
  const cooling = createCooling(range, () => perReplica);
  const begins: number[] = [];
  const temperatures = Array.from({ length: 100 }, (_, percent) => {
    if (cooling.follow(percent / 100)) begins.push(percent);
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

test('one that has time to melt everything begins above the largest steps', () => {
  expect(follow(640_000).temperatures[0]).toBeCloseTo(800);
  expect(follow(640_000).begins).toEqual([]);
});

test('one that has several times as long cools several times, not as hot as the first time', () => {
  const { begins, temperatures } = follow(4 * 640_000);
  expect(begins).toEqual([25, 50, 75]);
  expect(temperatures[0]).toBeCloseTo(800);
  expect(temperatures[25]).toBeCloseTo(100);
  expect(temperatures[24]).toBeLessThan(0.1);
  expect(follow(1e12).begins.length).toBe(7);
});
