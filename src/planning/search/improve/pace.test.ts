import { expect, test } from 'bun:test';
import { createRandom } from '../../../base/random.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../fleet.testing.ts';
import { createPace } from './pace.ts';
import { sampleTemperatures, startFactor, temperatureAt } from './temperature.ts';
import { engineFor } from './walk.testing.ts';
import { createWalk, type Walk } from './walk.ts';

function walkOver(loads: readonly number[], maxEvaluations = 1_000_000): Walk {
  const request = requestFor(
    fleet(
      ['cpu'],
      ['a', 'b', 'c'].map((id) => node(id, 1)),
      loads.map((load, index) => shard(`s${index}`, ['a'], [load])),
    ),
    freePolicy(['cpu'], { budget: { maxEvaluations } }),
  );
  return createWalk(engineFor(request), createRandom(1));
}

test('a walk has used as much of its budget as it has looked at candidates', () => {
  const walk = walkOver([1]);
  const pace = createPace(walk, 1_000, undefined);
  expect(pace.expected()).toBe(1_000);
  walk.looked = 250;
  expect(pace.used()).toBe(0.25);
  expect(walk.looked).toBe(0);
  expect(walk.engine.evaluations).toBe(250);
});

test('the clock paces a walk where it is told how much time is used', () => {
  const walk = walkOver([1]);
  let elapsed = 0.5;
  const pace = createPace(walk, 1_000_000, () => elapsed);
  expect(pace.used()).toBe(0);
  elapsed = 0.75;
  walk.looked = 100;
  expect(pace.used()).toBe(0.5);
  expect(pace.expected()).toBe(200);
});

test("the engine's budget ends a walk", () => {
  const walk = walkOver([1], 100);
  const pace = createPace(walk, 1_000_000, undefined);
  walk.looked = 100;
  expect(pace.used()).toBe(1);
});

test('cooling begins at what large steps are worth, and higher with more time', () => {
  const range = sampleTemperatures(walkOver([1, 5, 20]));
  expect(range?.start).toBeGreaterThan(0);
  expect(range?.end).toBeLessThanOrEqual(range?.start ?? 0);
  expect(sampleTemperatures(walkOver([1_000, 1_000]))).toBeNull();
  expect(startFactor(1)).toBeLessThan(startFactor(100_000));
  expect(startFactor(1e9)).toBe(startFactor(1e12));
});

test('the temperature falls from the start past the end to next to nothing', () => {
  const shares = [0, 0.2, 0.5, 0.8, 0.9, 1];
  const temperatures = shares.map((used) => temperatureAt(1_000, 1, used));
  expect(temperatures[0]).toBe(1_000);
  expect(temperatures.at(-1)).toBeCloseTo(0.001);
  expect(temperatures.toSorted((left, right) => right - left)).toEqual(temperatures);
});
