import { describe, expect, test } from 'bun:test';
import { computePlan } from './compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import type { PlannedMove } from './planned-move.ts';
import { buildProblem } from './problem.ts';
import { wavesAsGiven } from './waves-as-given.ts';

const names = ['a', 'b', 'c', 'd'];

/** Node b has no room for s0 until s1 has left; node c gives one at a time. */
const snapshot = fleet(
  ['cpu'],
  names.map((name) => node(name, 1, { capacity: [name === 'd' ? 500 : 100] })),
  [shard('s0', ['a'], [70]), shard('s1', ['b'], [40]), shard('s2', ['c'], [40]), shard('s3', ['c'], [1])],
);
const policy = freePolicy(['cpu'], {
  concurrency: { namespace: 9, perNodeIn: 9, perNodeOut: 1, perZone: 99 },
});

/** Of shard and destination: as many as replicas, each shard has one. */
const wanted: readonly (readonly [number, string])[] = [
  [1, 'd'],
  [0, 'b'],
  [2, 'd'],
  [3, 'a'],
];

function planned(moves: typeof wanted): PlannedMove[] {
  return moves.map(([replica, to]) => ({
    kind: 'relocate',
    replica,
    successor: replica,
    to: names.indexOf(to),
    staged: false,
  }));
}

function problemOf() {
  const built = buildProblem(requestFor(snapshot, policy));
  if (!built.ok) throw new Error('the policy does not fit');
  return built.value;
}

describe('moves in the order given', () => {
  test('a wave ends before the first move that cannot join it', () => {
    const ordered = wavesAsGiven(problemOf(), planned(wanted));
    expect(ordered?.map((move) => [move.wave, move.replica])).toEqual([
      [0, 1],
      [1, 0],
      [1, 2],
      [2, 3],
    ]);
  });

  test('a move that cannot begin a wave has no order', () => {
    expect(wavesAsGiven(problemOf(), planned([[0, 'b']]))).toBe(null);
  });

  test('a fixed task whose few waves would lead into a dead end keeps its order', () => {
    const shards = [shard('s0', ['a'], [50]), shard('s1', ['b'], [50]), shard('s2', ['c'], [50])];
    const tight = fleet(
      ['cpu'],
      names.map((name) => node(name, 1, { capacity: [name === 'a' ? 50 : 100] })),
      [...shards, shard('s3', ['c'], [1])],
    );
    const moves = [
      ['s0', 'b'],
      ['s1', 'a'],
      ['s2', 'b'],
      ['s3', 'd'],
    ].map(([id, destination]) => ({
      kind: 'relocate' as const,
      shard: id,
      replica: 0,
      successor: 0,
      destination,
    }));
    // Node c gives one at a time, so that its moves come first; s2 would then take the room that s0 needs.
    const result = computePlan(requestFor(tight, policy, { task: { kind: 'fixed', moves } }));
    if (!result.ok) throw new Error(result.error.map((problem) => problem.message).join('; '));
    expect(result.value.moves.map((move) => move.shard)).toEqual(['s0', 's1', 's2', 's3']);
  });
});
