import { describe, expect, test } from 'bun:test';
import { fleet, freePolicy, node, type PolicyChange, requestFor, shard } from './fleet.testing.ts';
import type { PlannedMove } from './planned-move.ts';
import { buildProblem } from './problem.ts';
import { orderIntoWaves } from './waves.ts';

const relocate = (replica: number, to: number): PlannedMove => ({
  kind: 'relocate',
  replica,
  successor: replica,
  to,
  staged: false,
});

function order(snapshot: ReturnType<typeof fleet>, moves: readonly PlannedMove[], change: PolicyChange = {}) {
  const problem = buildProblem(requestFor(snapshot, freePolicy(['cpu'], change)));
  if (!problem.ok) throw new Error('the policy does not fit');
  return orderIntoWaves(problem.value, moves, { mayStage: () => true, keepsOrder: false });
}

/** Two nodes, each full to four fifths; a third with room. */
const full = (third: number) =>
  fleet(
    ['cpu'],
    [node('a', 1), node('b', 1), node('c', 1, { capacity: [third] })],
    [shard('s1', ['a'], [80]), shard('s2', ['b'], [70])],
  );

describe('waves', () => {
  test('an exchange that has no room goes through a third node', () => {
    const { ordered, dropped } = order(full(100), [relocate(0, 1), relocate(1, 0)]);
    expect(dropped).toEqual([]);
    expect(ordered.map((move) => [move.wave, move.replica, move.to, move.staged])).toEqual([
      [0, 0, 2, true],
      [1, 1, 0, false],
      [2, 0, 1, false],
    ]);
  });

  test('without a third node the exchange is dropped, with the rule', () => {
    const { ordered, dropped } = order(full(10), [relocate(0, 1), relocate(1, 0)]);
    expect(ordered).toEqual([]);
    expect(dropped.map((entry) => entry.constraint?.obstacle)).toEqual(['capacity', 'capacity']);
  });

  test('a move waits for the room that another makes', () => {
    const { ordered } = order(full(100), [relocate(0, 1), relocate(1, 2)]);
    expect(ordered.map((move) => [move.wave, move.replica])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  test('at most one replica of a shard is in flight, and caps per node and zone are kept', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((id) => node(id, 1, { zone: id }));
    const snapshot = fleet(['cpu'], nodes, [
      shard('s1', ['a', 'b'], [1]),
      shard('s2', ['a'], [1]),
      shard('s3', ['a'], [1]),
    ]);
    const moves = [relocate(0, 2), relocate(1, 3), relocate(2, 3), relocate(3, 3)];
    const wavesOf = (change: PolicyChange): number[] =>
      order(snapshot, moves, change).ordered.map((move) => move.wave);
    const wide = { namespace: 9, perNodeIn: 9, perNodeOut: 9, perZone: 9 };
    expect(wavesOf({ concurrency: wide })).toEqual([0, 0, 0, 1]);
    expect(wavesOf({ concurrency: { ...wide, perNodeOut: 1 } })).toEqual([0, 1, 1, 2]);
    expect(wavesOf({ concurrency: { ...wide, namespace: 1 } })).toEqual([0, 1, 2, 3]);
    expect(wavesOf({ concurrency: { ...wide, perZone: 1 } })).toEqual([0, 1, 2, 3]);
  });
});
