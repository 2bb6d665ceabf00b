import { expect, test } from 'bun:test';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';
import { searchOf } from './search.testing.ts';

/** Node `cpu` is full of cpu and `memory` of memory; `both` has half of either. */
const mixed = requestFor(
  fleet(
    ['cpu', 'memory'],
    ['cpu', 'memory', 'both'].map((id) => node(id, 2, { capacity: [100, 100] })),
    [shard('x', ['cpu'], [90, 10]), shard('y', ['memory'], [10, 90]), shard('z', ['both'], [50, 50])],
  ),
  freePolicy(['cpu', 'memory']),
);

test('destinations come coldest first by the dimension in which they are hottest, or by one alone', () => {
  const { engine, cold } = searchOf(mixed);
  const ids = engine.state.problem.request.snapshot.nodes.map(({ id }) => id);
  const named = (nodes: Int32Array): readonly string[] => Array.from(nodes, (each) => ids[each]);
  expect(named(cold.all())).toEqual(['both', 'cpu', 'memory']);
  expect(named(cold.by(0).all())).toEqual(['memory', 'both', 'cpu']);
  expect(named(cold.by(1).all())).toEqual(['cpu', 'both', 'memory']);
  expect(cold.by(1)).toBe(cold.by(1));
});

test('a window is cut from the coldest, and what was sorted follows the placement', () => {
  const { cold } = searchOf(mixed);
  const into = new Int32Array(2);
  expect(cold.by(0).window(0, 2, into)).toBe(2);
  expect(new Set(into).size).toBe(2);
});
