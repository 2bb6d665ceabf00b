import { describe, expect, test } from 'bun:test';
import { createRandom } from '../../base/random.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';
import { hottest } from '../terms/peak.ts';
import { createColdNodes } from './cold-nodes.ts';
import { nodesOf, searchOf } from './search.testing.ts';
import { createSwapFrom } from './swap-from.ts';
import { createTradeCandidates } from './trade-candidates.ts';

/** One node full of processors' work, one of memory's; each has one replica that the other would rather have. */
const request = requestFor(
  fleet(
    ['cpu', 'memory'],
    ['a', 'b'].map((id) => node(id, 2)),
    [
      shard('cpu-1', ['a'], [4, 1]),
      shard('cpu-2', ['a'], [4, 1]),
      shard('even-a', ['a'], [2, 2]),
      shard('memory-1', ['b'], [1, 4]),
      shard('memory-2', ['b'], [1, 4]),
      shard('even-b', ['b'], [2, 2]),
    ],
  ),
  freePolicy(['cpu', 'memory']),
);

const ids = (rows: readonly number[]): readonly string[] =>
  rows.map((row) => request.snapshot.shards.ids[row]);

describe('candidates of a trade', () => {
  test('are those that are worth most on one node and least on the other, the best first', () => {
    const trades = createTradeCandidates(searchOf(request).engine);
    expect(trades.between(0, 1)).toBe(true);
    expect(ids(trades.given())).toEqual(['cpu-1', 'cpu-2', 'even-a']);
    expect(ids(trades.taken())).toEqual(['memory-1', 'memory-2', 'even-b']);
  });

  test('are nobody’s where the other node is hotter in nothing', () => {
    const shards = [shard('s1', ['a'], [4, 4]), shard('s2', ['b'], [1, 1])];
    const nodes = ['a', 'b'].map((id) => node(id, 2));
    const uneven = requestFor(fleet(['cpu', 'memory'], nodes, shards), freePolicy(['cpu', 'memory']));
    expect(createTradeCandidates(searchOf(uneven).engine).between(0, 1)).toBe(false);
  });
});

test('a trade relieves both nodes', () => {
  const { engine } = searchOf(request);
  const { state, factors } = engine;
  const before = hottest(state, factors);
  const cold = createColdNodes(state, factors, createRandom(1));
  expect(createSwapFrom(engine, cold).trade(0)).toBe(true);
  expect(hottest(state, factors)).toBeLessThan(before);
  expect(nodesOf(engine).filter((id) => id === 'a').length).toBe(3);
});
