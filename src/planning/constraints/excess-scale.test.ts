import { describe, expect, test } from 'bun:test';
import { computePlan } from '../compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../fleet.testing.ts';

/** Node `a` cannot hold what is pinned to it; the two replicas of `s1` should be in two zones. */
function stuckFleet(capacity: number, unit: number) {
  const room = { capacity: [100 * unit], zone: 'z1' };
  const nodes = [
    node('a', 1, { ...room, capacity: [capacity] }),
    node('b', 1, room),
    node('c', 1, room),
    node('d', 1, { ...room, zone: 'z2' }),
  ];
  const shards = [shard('s0', ['a'], [10 * unit]), shard('s1', ['b', 'c'], [unit])];
  const policy = freePolicy(['disk'], {
    placement: {
      pins: [{ select: { shards: ['s0'] }, effect: 'stay', nodes: [] }],
      spread: [{ select: {}, level: 'zone', minDomains: 2, maxPerDomain: 0 }],
    },
  });
  return requestFor(fleet(['disk'], nodes, shards), policy);
}

describe('load above a limit', () => {
  test.each([
    ['without capacity, in bytes', 0, 1e15],
    ['without capacity, in a tiny unit', 0, 1e-12],
    ['with a capacity of nearly nothing', 1e-12, 1],
  ])('on a node %s keeps nobody else from being repaired', (_, capacity, unit) => {
    const planned = computePlan(stuckFleet(capacity, unit));
    if (!planned.ok) throw new Error('no plan');
    const { moves, summary } = planned.value;
    expect(moves.map(({ shard: moved, destination }) => [moved, destination])).toEqual([['s1', 'd']]);
    const [before, after] = [summary.objectiveBefore[0], summary.objectiveAfter[0]];
    // One domain was missing; the node's amount is what it carries over an even share of all load: 10 of 12 / 4.
    expect(before - after).toBeCloseTo(1, 9);
    expect(after).toBeCloseTo(10 / 3, 9);
  });

  test('is repaired in every unit where only a rule asks for it', () => {
    for (const unit of [1e-50, 1e-12, 1, 1e15]) {
      const nodes = [node('a', 1, { capacity: [0] }), node('b', 1, { capacity: [100 * unit] })];
      const request = requestFor(
        fleet(['disk'], nodes, [shard('s0', ['a'], [unit])]),
        // No weight, hence no target and no balance that would move it.
        freePolicy(['disk'], { dimension: { weight: 0 } }),
      );
      const planned = computePlan(request);
      expect(planned.ok && planned.value.moves.map((move) => move.destination)).toEqual(['b']);
    }
  });
});
