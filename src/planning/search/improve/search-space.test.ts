import { expect, test } from 'bun:test';
import { fleet, freePolicy, node, requestFor, shard } from '../../fleet.testing.ts';
import { buildSearchSpace } from './search-space.ts';
import { engineFor } from './walk.testing.ts';

test('only what may move is drawn, the largest first, and only nodes that take something', () => {
  const nodes = [node('a', 1), node('b', 1, { adminState: 'cordoned' }), node('c', 1)];
  const shards = [
    shard('s', ['a'], [1]),
    shard('t', ['a'], [5], { status: 'paused' }),
    shard('u', ['b'], [4]),
  ];
  const { state } = engineFor(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])));
  const space = buildSearchSpace(state);
  expect(Array.from(space.replicas)).toEqual([0, 2]);
  expect(Array.from(space.bySize)).toEqual([2, 0]);
  expect(Array.from(space.sizes)).toEqual([0.1, 0.5, 0.4]);
  expect(Array.from(space.nodes)).toEqual([0, 2]);
});
