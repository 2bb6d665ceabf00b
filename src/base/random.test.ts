import { describe, expect, test } from 'bun:test';
import { createRandom } from './random.ts';

describe('createRandom', () => {
  test('gives the same stream for the same seed and another for another', () => {
    const stream = (seed: number | string): number[] => {
      const random = createRandom(seed);
      return Array.from({ length: 50 }, () => random.next());
    };
    expect(stream(7)).toEqual(stream(7));
    expect(stream(7)).not.toEqual(stream(8));
  });

  test('a fork does not depend on how much of its parent was used', () => {
    const fresh = createRandom('s').fork('a').next();
    const used = createRandom('s');
    used.next();
    expect(used.fork('a').next()).toBe(fresh);
    expect(createRandom('s').fork('b').next()).not.toBe(fresh);
  });

  test('integers cover their range evenly', () => {
    const random = createRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.integer(10)] = (counts[random.integer(10)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(600);
  });

  test('normal numbers have their mean and deviation', () => {
    const random = createRandom(2);
    const values = Array.from({ length: 50_000 }, () => random.normal(3, 2));
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
    const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(3, 1);
    expect(Math.sqrt(variance)).toBeCloseTo(2, 1);
  });
});
