import { expect, test } from 'bun:test';
import { anytimeCurve } from './anytime.ts';
import { moveEconomy } from './economy.ts';
import { rollingDrain } from './rolling-drain.ts';
import { usualShape } from './usual-fleet.ts';

const shape = { ...usualShape('small', { replicas: 1_000, nodes: 10 }), zones: 5 };
const silent = (): void => {};

test('draining every node in turn empties each of them and breaks nothing', () => {
  const line = rollingDrain(shape, silent);
  expect(line.plans).toBe(shape.nodes);
  expect(Number(line.toVacateBefore)).toBeGreaterThan(0);
  expect([line.toVacateAfter, line.violationsAfter]).toEqual([0, 0]);
  expect(Number(line.moves)).toBeGreaterThanOrEqual(Number(line.toVacateBefore));
  expect(Number(line.movesLowerBound)).toBeLessThanOrEqual(Number(line.moves));
});

test('under noise nothing goes back within its cooldown', () => {
  const line = moveEconomy(shape, 15, silent);
  expect(line.rounds).toBe(15);
  expect(line.backWithinCooldown).toBe(0);
  expect(line.shareOfShards).toBeCloseTo(Number(line.moves) / Number(line.shards), 4);
});

test('the curve begins with the fleet as it is and ends with the whole plan', () => {
  const { points, peakToMean, peakToMeanBefore, evaluations } = anytimeCurve(shape, silent);
  const rows = points as readonly (readonly number[])[];
  expect(rows[0][3]).toBeCloseTo(Number(peakToMeanBefore), 3);
  expect(rows.at(-1)?.[3]).toBeCloseTo(Number(peakToMean), 3);
  expect(rows.at(-1)?.[1]).toBe(Number(evaluations));
  for (const [index, [budget]] of rows.slice(1).entries()) expect(budget).toBeGreaterThan(rows[index][0]);
});
