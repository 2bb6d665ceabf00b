import { describe, expect, test } from 'bun:test';
import type { Snapshot } from '../../domain/snapshot.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';
import { buildProblem } from '../problem.ts';
import { peakBound } from './peak-bound.ts';

function bound(snapshot: Snapshot): number {
  const problem = buildProblem(requestFor(snapshot, freePolicy(['cpu'])));
  if (!problem.ok) throw new Error('the policy does not fit');
  return peakBound(problem.value).peakToMean;
}

describe('lower bound on peak over mean', () => {
  test('is 1 where load could lie evenly', () => {
    expect(
      bound(fleet(['cpu'], [node('a', 1), node('b', 1)], [shard('1', ['a'], [5]), shard('2', ['a'], [5])])),
    ).toBe(1);
  });

  test('knows that the largest replica cannot be divided', () => {
    const lone = fleet(
      ['cpu'],
      [node('a', 1), node('b', 1)],
      [shard('1', ['a'], [30]), shard('2', ['b'], [10])],
    );
    expect(bound(lone)).toBeCloseTo(30 / 20);
  });

  test('counts replicas: of three equal ones on two nodes, one node carries two', () => {
    const three = fleet(
      ['cpu'],
      [node('a', 1), node('b', 1)],
      ['1', '2', '3'].map((id) => shard(id, ['a'], [10])),
    );
    expect(bound(three)).toBeCloseTo(20 / 15);
  });

  test('knows that small nodes fill up before large ones have their share', () => {
    // The small node holds 10 at most; the other must take 90 of the mean's 50.
    const nodes = [node('a', 1, { weight: 10, capacity: [10] }), node('b', 1)];
    const filled = fleet(
      ['cpu'],
      nodes,
      Array.from({ length: 100 }, (_, s) => shard(`${s}`, ['b'], [1])),
    );
    expect(bound(filled)).toBeCloseTo(90 / 50);
  });
});
