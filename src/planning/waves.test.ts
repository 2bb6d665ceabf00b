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

function order(
  snapshot: ReturnType<typeof fleet>,
  moves: readonly PlannedMove[],
  change: PolicyChange = {},
  mayStage = () => true,
) {
  const problem = buildProblem(requestFor(snapshot, freePolicy(['cpu'], change)));
  if (!problem.ok) throw new Error('the policy does not fit');
  return orderIntoWaves(problem.value, moves, { mayStage, keepsOrder: false });
}

/** Two nodes, each full to four fifths; a third with room. */
const full = (third: number) =>
  fleet(
    ['cpu'],
    [node('a', 1), node('b', 1), node('c', 1, { capacity: [third] })],
    [shard('s1', ['a'], [80]), shard('s2', ['b'], [70])],
  );

/** Circles of nodes that are too full for two, and one node with room for a replica of each circle. */
function circles(count: number, length: number) {
  const names = Array.from({ length: count * length }, (_, n) => `n${String(n).padStart(2, '0')}`);
  return fleet(
    ['cpu'],
    [...names.map((name) => node(name, 1)), node('spare', 1, { capacity: [count * 60] })],
    names.map((name, n) => {
      const replica = { number: 0, node: name, leads: true, bytes: 1_000 - n, loads: [60] };
      return { ...shard(`s${String(n).padStart(2, '0')}`, [name], [60]), replicas: [replica] };
    }),
  );
}

/** Every replica of the circles to the next node of its circle. */
function turn(count: number, length: number): PlannedMove[] {
  return Array.from({ length: count * length }, (_, n) => relocate(n, n - (n % length) + ((n + 1) % length)));
}

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

  test('a long circle of full nodes is broken by one leg, the cheapest', () => {
    const length = 6;
    const { ordered, dropped } = order(circles(1, length), turn(1, length));
    expect(dropped).toEqual([]);
    const legs = ordered.filter((move) => move.staged);
    // Bytes fall with the index of the node, so the last of the circle is the cheapest.
    expect(legs.map((move) => [move.wave, move.replica])).toEqual([[0, length - 1]]);
    expect(ordered.length).toBe(length + 1);
  });

  test('circles that do not touch are broken in the same wave, each by one leg', () => {
    const wide = { namespace: 99, perNodeIn: 99, perNodeOut: 99, perZone: 99 };
    const { ordered, dropped } = order(circles(4, 3), turn(4, 3), { concurrency: wide });
    expect(dropped).toEqual([]);
    expect(ordered.filter((move) => move.staged).map((move) => move.wave)).toEqual([0, 0, 0, 0]);
    // The leg, three moves one after the other.
    expect(ordered.at(-1)?.wave).toBe(3);
  });

  test('in an exchange of one large for small ones the one that lets the others pass takes the detour', () => {
    const snapshot = fleet(
      ['cpu'],
      [node('a', 1), node('b', 1), node('c', 1)],
      [shard('s0', ['a'], [90]), ...['s1', 's2', 's3'].map((id) => shard(id, ['b'], [30]))],
    );
    const { ordered, dropped } = order(snapshot, [
      relocate(0, 1),
      relocate(1, 0),
      relocate(2, 0),
      relocate(3, 0),
    ]);
    expect(dropped).toEqual([]);
    expect(ordered.filter((move) => move.staged).map((move) => move.replica)).toEqual([0]);
  });

  test('a lost replica that goes where another of its shard still is waits on a third node, where it counts as restored', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((id) => node(id, 1, { status: id === 'd' ? 'dead' : 'alive' }));
    const shards = [shard('s1', ['d', 'a'], [10]), shard('s2', ['b'], [10])];
    const snapshot = fleet(['cpu'], nodes, shards);
    const { ordered, dropped } = order(snapshot, [relocate(0, 0), relocate(1, 1)]);
    expect(dropped).toEqual([]);
    expect(ordered.map(({ replica, to, staged, wave }) => ({ replica, to, staged, wave }))).toEqual([
      { replica: 0, to: 2, staged: true, wave: 0 },
      { replica: 1, to: 1, staged: false, wave: 1 },
      { replica: 0, to: 0, staged: false, wave: 2 },
    ]);
  });

  test('a detour that the budget does not allow is not taken', () => {
    const { ordered, dropped } = order(full(100), [relocate(0, 1), relocate(1, 0)], {}, () => false);
    expect(ordered).toEqual([]);
    expect(dropped.length).toBe(2);
  });

  test('a third node holds transient load as well, and what only that blocks cannot be helped', () => {
    // Two dimensions: cpu blocks the exchange, disk is held where it was until the plan ends.
    const heldDisk = (spare: number) => {
      const request = requestFor(
        fleet(
          ['cpu', 'disk'],
          [node('a', 2), node('b', 2), node('c', 2, { capacity: [100, spare] })],
          [shard('s1', ['a'], [80, 20]), shard('s2', ['b'], [70, 20]), shard('s3', ['a'], [0, 15])],
        ),
        freePolicy(['cpu', 'disk'], { placement: { transientHold: 'plan' } }),
      );
      const { dimensions } = request.policy;
      const disk = { ...dimensions[1], transient: true };
      const policy = { ...request.policy, dimensions: [dimensions[0], disk] };
      const problem = buildProblem({ ...request, policy });
      if (!problem.ok) throw new Error('the policy does not fit');
      const moves = [relocate(0, 1), relocate(1, 0), relocate(2, 2)];
      return orderIntoWaves(problem.value, moves, { mayStage: () => true, keepsOrder: false });
    };
    const roomy = heldDisk(40);
    expect(roomy.dropped).toEqual([]);
    expect(roomy.ordered.filter((move) => move.staged).map((move) => move.to)).toEqual([2]);
    // The third replica takes what the detour would need.
    expect(heldDisk(30).dropped.map((entry) => entry.move.replica)).toEqual([0, 1]);
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
