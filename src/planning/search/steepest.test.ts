import { describe, expect, test } from 'bun:test';
import type { Node } from '../../domain/node.ts';
import type { ShardInput } from '../../domain/snapshot-builder.ts';
import { computePlan } from '../compute-plan.ts';
import { fleet, freePolicy, node, type PolicyChange, requestFor, shard } from '../fleet.testing.ts';

function movesOf(nodes: readonly Node[], shards: readonly ShardInput[], change: PolicyChange) {
  const planned = computePlan(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'], change)));
  if (!planned.ok) throw new Error(planned.error.map(({ message }) => message).join('; '));
  return planned.value.moves.map(({ shard: moved, destination }) => [moved, destination]);
}

const loads = (sizes: readonly number[]) => sizes.map((size, s) => shard(`s${s}`, ['a'], [size]));

describe('a budget that ends the plan', () => {
  test('of one move goes to the move that does most, not to the first of many that would balance everything', () => {
    const budget = { maxMoves: 1 };
    // 17 on `a`: 10 leaves 7 and 10, 5 would leave 12 and 5.
    expect(movesOf([node('a', 1), node('b', 1)], loads([10, 5, 2]), { budget })).toEqual([['s0', 'b']]);
  });

  test('counts shards as it counts moves', () => {
    const budget = { maxShareOfShards: 0.4 };
    expect(movesOf([node('a', 1), node('b', 1)], loads([10, 5, 2]), { budget })).toEqual([['s0', 'b']]);
  });

  test('goes to the worst of the rules that are broken', () => {
    const nodes = [node('a', 1, { capacity: [10] }), node('b', 1), node('c', 1)];
    const shards = [shard('s0', ['b', 'c'], [1]), shard('s1', ['a'], [40]), shard('s2', ['a'], [9])];
    const labels = [{ select: { shards: ['s0'] }, effect: 'require', label: 'x', values: [] } as const];
    const change = { budget: { maxMoves: 1 }, placement: { labels } };
    expect(movesOf(nodes, shards, change).map(([moved]) => moved)).toEqual(['s1']);
  });

  test('is not spent on a fleet that is balanced', () => {
    const nodes = [node('a', 1), node('b', 1)];
    const shards = [shard('s0', ['a'], [10]), shard('s1', ['b'], [10])];
    expect(movesOf(nodes, shards, { budget: { maxMoves: 1 } })).toEqual([]);
  });
});
