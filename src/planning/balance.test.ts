import { expect, test } from 'bun:test';
import { measureBalance, nodeLoads } from './balance.ts';
import { fleet, freePolicy, node, shard } from './fleet.testing.ts';

const snapshot = fleet(
  ['cpu', 'disk'],
  [node('a', 2), node('b', 2, { weight: 3 }), node('c', 2, { status: 'dead' })],
  [shard('s1', ['a', 'b'], [30, 90]), shard('s2', ['c'], [50, 1])],
);

test('loads are summed per node, row per node', () => {
  expect([...nodeLoads(snapshot)]).toEqual([30, 90, 30, 90, 50, 1]);
});

test('balance is utilisation of effective capacity over the nodes that take replicas', () => {
  const [cpu, disk] = measureBalance(snapshot, freePolicy(['cpu', 'disk']), new Float64Array(3));
  expect(cpu).toMatchObject({
    dimension: 'cpu',
    peak: 0.3,
    mean: 60 / 400,
    peakToMean: 2,
    peakNode: 'a',
    overTarget: 0,
  });
  expect(disk.overTarget).toBe(2);
});

test('distress makes the same load weigh more', () => {
  const [cpu] = measureBalance(snapshot, freePolicy(['cpu']), Float64Array.of(1, 0, 0));
  expect(cpu.peak).toBe(0.6);
});

test('a dimension that nobody reports is left out', () => {
  expect(measureBalance(snapshot, freePolicy(['gpu']), new Float64Array(3))).toEqual([]);
});
