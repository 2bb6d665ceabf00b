import { expect, test } from 'bun:test';
import { createRandom } from '../../../base/random.ts';
import { createCooling } from './temperature.ts';

const range = { start: 100, end: 1 };

/** Temperatures at a hundred places of the budget, and where cycles began. */
function follow(perReplica: number) {
  const cooling = createCooling(range, createRandom(1), () => perReplica);
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
  expect(follow(320_000).temperatures[0]).toBeCloseTo(400);
  expect(follow(320_000).begins).toEqual([]);
});

test('one that has several times as long cools several times, from a heat between a fifth and twice of the large steps', () => {
  const { begins, temperatures } = follow(4 * 320_000);
  expect(begins).toEqual([25, 50, 75]);
  expect(temperatures[0]).toBeCloseTo(400);
  for (const begin of begins) {
    expect(temperatures[begin - 1]).toBeLessThan(0.1);
    expect(temperatures[begin]).toBeGreaterThan(19);
    expect(temperatures[begin]).toBeLessThan(201);
  }
  expect(follow(1e12).begins.length).toBe(11);
});
