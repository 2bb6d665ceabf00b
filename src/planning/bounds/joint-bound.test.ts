import { describe, expect, test } from 'bun:test';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';
import { buildProblem } from '../problem.ts';
import { jointBound } from './joint-bound.ts';

function boundOf(capacities: readonly (readonly number[])[], loads: readonly (readonly number[])[]): number {
  const nodes = capacities.map((capacity, n) => node(`n${n}`, 1, { capacity }));
  const shards = loads.map((load, s) => shard(`s${s}`, ['n0'], load));
  const policy = freePolicy(['cpu', 'memory']);
  const problem = buildProblem(requestFor(fleet(['cpu', 'memory'], nodes, shards), policy));
  if (!problem.ok) throw new Error('the policy does not fit');
  return jointBound(problem.value);
}

const times = (count: number, load: readonly number[]) => Array.from({ length: count }, () => load);

describe('the bound of all dimensions at once', () => {
  test('is 1 on nodes of one shape, whatever their sizes', () => {
    const capacities = [
      [100, 200],
      [300, 600],
    ];
    expect(boundOf(capacities, times(100, [1, 3]))).toBe(1);
  });

  test('is what the worst dimension must be where shards fit neither kind of nodes', () => {
    // Half of the shards on each: 50 where a third of 150 is fair.
    const capacities = [
      [100, 50],
      [50, 100],
    ];
    const bound = boundOf(capacities, times(100, [1, 1]));
    expect(bound).toBeGreaterThan(1.49);
    expect(bound).toBeLessThanOrEqual(1.5);
  });

  test('is about 1 where there is something for each kind', () => {
    const capacities = [
      [100, 50],
      [50, 100],
    ];
    expect(boundOf(capacities, [...times(50, [2, 1]), ...times(50, [1, 2])])).toBeCloseTo(1, 2);
  });

  test('says nothing where a node has no capacity in a dimension', () => {
    const capacities = [
      [100, 0],
      [50, 100],
    ];
    expect(boundOf(capacities, times(100, [1, 1]))).toBe(1);
  });
});
