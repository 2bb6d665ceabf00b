import { describe, expect, test } from 'bun:test';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import { hotSpot, plan, problemsOf } from './planned.testing.ts';
import { smallFleet } from './small-fleet.testing.ts';

describe('balance', () => {
  test('a hot node gives until all carry the same, each move with its reason, gain and price', () => {
    const { moves, summary } = plan(requestFor(hotSpot, freePolicy(['cpu'])));
    expect(moves).toHaveLength(4);
    expect(summary.after[0]).toMatchObject({ dimension: 'cpu', peakToMean: 1, overTarget: 0 });
    expect(summary.before[0].peakToMean).toBeCloseTo(3);
    expect(summary.before[0].peakNode).toBe('a');
    for (const move of moves) {
      expect(move).toMatchObject({
        kind: 'relocate',
        source: 'a',
        bytes: 1_000_000,
        load: [10],
        expectedVersion: 7,
      });
      expect(move.reasons[0]).toMatchObject({ code: 'imbalance', subject: 'node/a', dimension: 'cpu' });
      expect(move.gain).toBeGreaterThan(move.price);
    }
    expect(summary).toMatchObject({ lowerBound: 1, gap: 0, shareOfShards: 4 / 6, deterministic: true });
  });

  test('a plan on the balanced fleet has no moves', () => {
    const even = fleet(
      ['cpu'],
      [node('a', 1), node('b', 1)],
      [shard('s1', ['a'], [10]), shard('s2', ['b'], [10])],
    );
    expect(plan(requestFor(even, freePolicy(['cpu']))).moves).toEqual([]);
  });

  test('a node in distress is given less than its capacity would let it', () => {
    const distress = Float64Array.of(0, 1, 0);
    const { moves } = plan(requestFor(hotSpot, freePolicy(['cpu']), { distress }));
    const onto = (id: string): number => moves.filter((move) => move.destination === id).length;
    expect(onto('b')).toBeLessThan(onto('c'));
  });

  test('load above target outranks balance', () => {
    const nodes = [node('a', 1, { target: [15] }), node('b', 1, { target: [100] })];
    const lopsided = fleet(['cpu'], nodes, [
      shard('s1', ['a'], [10]),
      shard('s2', ['a'], [10]),
      shard('s3', ['b'], [20]),
    ]);
    const { moves } = plan(requestFor(lopsided, freePolicy(['cpu'])));
    expect(moves).toHaveLength(1);
    expect(moves[0].reasons[0]).toMatchObject({ code: 'overTarget', before: 20, after: 10, limit: 15 });
  });

  test('the count of replicas is balanced when the policy names it and nobody reports it', () => {
    const idle = fleet(
      ['cpu'],
      [node('a', 1), node('b', 1)],
      ['1', '2', '3', '4'].map((id) => shard(id, ['a'], [0])),
    );
    const { moves, summary } = plan(requestFor(idle, freePolicy(['replicas'])));
    expect(moves).toHaveLength(2);
    expect(summary.after[0]).toMatchObject({ dimension: 'replicas', peakToMean: 1, overTarget: 0 });
  });

  test('dimensions that the policy does not name are ignored, ones that nobody reports refused', () => {
    const skewed = fleet(
      ['cpu', 'disk'],
      [node('a', 2), node('b', 2)],
      [shard('s1', ['a'], [10, 90]), shard('s2', ['b'], [10, 0])],
    );
    expect(plan(requestFor(skewed, freePolicy(['cpu']))).moves).toEqual([]);
    const problems = problemsOf(requestFor(skewed, freePolicy(['cpu', 'gpu'])));
    expect(problems).toMatchObject([
      { code: 'POLICY_DIMENSION_UNKNOWN', field: 'dimensions[1].name', value: 'gpu' },
    ]);
  });

  test('leadership moves instead of data where leaders carry the load', () => {
    const led = (id: string) => ({
      ...shard(id, ['a', 'b'], [0]),
      replicas: [
        { number: 0, node: 'a', leads: true, bytes: 1_000, loads: [10] },
        { number: 1, node: 'b', leads: false, bytes: 1_000, loads: [1] },
      ],
    });
    const leaders = fleet(['cpu'], [node('a', 1), node('b', 1)], [led('s1'), led('s2')]);
    const { moves, summary } = plan(requestFor(leaders, freePolicy(['cpu'])));
    expect(moves).toMatchObject([
      {
        kind: 'transferLeadership',
        replica: 0,
        successor: 1,
        source: 'a',
        destination: 'b',
        leads: true,
        bytes: 0,
        load: [9],
      },
    ]);
    expect(moves[0].reasons[0].code).toBe('leadershipImbalance');
    expect(summary.after[0].peakToMean).toBe(1);
  });

  test('moves that gain less than the policy asks for per price are not made', () => {
    const policy = freePolicy(['cpu'], { benefit: { minGainPerPrice: 1, pricePerMove: 1_000 } });
    expect(plan(requestFor(hotSpot, policy)).moves).toEqual([]);
  });
});

describe('what must leave', () => {
  const dead = fleet(
    ['cpu'],
    [node('a', 1, { status: 'dead' }), node('b', 1), node('c', 1)],
    [shard('s1', ['a', 'b'], [10])],
  );

  test('a leader on a dead node is restored elsewhere and keeps leading', () => {
    const { moves, summary } = plan(requestFor(dead, freePolicy(['cpu'])));
    expect(moves).toMatchObject([{ source: 'a', destination: 'c', leads: true }]);
    expect(moves[0].reasons[0]).toMatchObject({
      code: 'nodeMustBeVacated',
      subject: 'node/a',
      before: 1,
      after: 0,
    });
    expect(summary).toMatchObject({ toVacateBefore: 1, toVacateAfter: 0 });
  });

  test('a draining node gives even while it cools down, a cordoned one takes nothing', () => {
    const draining = fleet(
      ['cpu'],
      [node('a', 1, { adminState: 'draining' }), node('b', 1, { adminState: 'cordoned' }), node('c', 1)],
      [shard('s1', ['a'], [10])],
    );
    const { moves } = plan(requestFor(draining, freePolicy(['cpu']), { frozenNodes: Int32Array.of(0) }));
    expect(moves).toMatchObject([{ source: 'a', destination: 'c' }]);
  });

  test('what may not move stays, and the plan says why', () => {
    const held = fleet(
      ['cpu'],
      [node('a', 1, { adminState: 'draining' }), node('b', 1)],
      [
        shard('cooling', ['a'], [1]),
        shard('paused', ['a'], [1], { status: 'paused' }),
        shard('pinned', ['a'], [1]),
      ],
    );
    const policy = freePolicy(['cpu'], {
      placement: { pins: [{ select: { shards: ['pinned'] }, effect: 'stay', nodes: [] }] },
    });
    const { moves, obstacles } = plan(requestFor(held, policy, { frozenShards: Int32Array.of(0) }));
    expect(moves).toEqual([]);
    expect(Object.fromEntries(obstacles.map(({ subject, code }) => [subject, code]))).toEqual({
      'shard/cooling': 'cooldown',
      'shard/paused': 'shardNotMovable',
      'shard/pinned': 'pin',
    });
  });

  test('one shard may move however small the share that policy allows', () => {
    const budget = { maxShareOfShards: 0.1 };
    expect(plan(requestFor(hotSpot, freePolicy(['cpu'], { budget }))).summary.shardsTouched).toBe(1);
  });

  test('the budget bounds what leaves, and the rest is explained', () => {
    const drain = fleet(
      ['cpu'],
      [node('a', 1, { adminState: 'draining' }), node('b', 1)],
      ['1', '2', '3'].map((id) => shard(id, ['a'], [1])),
    );
    const { moves, obstacles } = plan(requestFor(drain, freePolicy(['cpu'], { budget: { maxMoves: 1 } })));
    expect(moves).toHaveLength(1);
    expect(obstacles.map((obstacle) => obstacle.code)).toEqual(['budgetMoves', 'budgetMoves']);
  });
});

describe('rules', () => {
  test('a node over its hard limit gives first, with the load and the limit', () => {
    const over = fleet(
      ['cpu'],
      [node('a', 1, { capacity: [25] }), node('b', 1)],
      [shard('s1', ['a'], [20]), shard('s2', ['a'], [20])],
    );
    const { moves, summary } = plan(requestFor(over, freePolicy(['cpu'])));
    expect(moves[0].reasons[0]).toMatchObject({
      code: 'capacityExceeded',
      dimension: 'cpu',
      before: 40,
      limit: 25,
    });
    expect(summary).toMatchObject({ violationsBefore: 1, violationsAfter: 0 });
  });

  test('a crowded zone is spread', () => {
    const nodes = [node('a', 1), node('b', 1), node('c', 1, { zone: 'z2' })];
    const crowded = fleet(['cpu'], nodes, [shard('s1', ['a', 'b'], [1])]);
    const policy = freePolicy(['cpu'], {
      placement: { spread: [{ select: {}, level: 'zone', minDomains: 2, maxPerDomain: 1 }] },
    });
    const { moves } = plan(requestFor(crowded, policy));
    expect(moves).toMatchObject([{ destination: 'c' }]);
    expect(moves[0].reasons[0]).toMatchObject({ code: 'spreadViolated', subject: 'shard/s1' });
  });

  test('a replica on a forbidden node leaves for one that its rules allow', () => {
    const nodes = [node('a', 1), node('b', 1), node('c', 1, { labels: { disk: 'ssd' } })];
    const misplaced = fleet(['cpu'], nodes, [shard('s1', ['a'], [1])]);
    const policy = freePolicy(['cpu'], {
      placement: { labels: [{ select: {}, effect: 'require', label: 'disk', values: ['ssd'] }] },
    });
    const { moves } = plan(requestFor(misplaced, policy));
    expect(moves).toMatchObject([{ destination: 'c', reasons: [{ code: 'placementViolated' }] }]);
  });

  test('a group is not taken away from those that depend on it', () => {
    const nodes = [node('a', 1), node('b', 1, { region: 'r2' })];
    const coupled = fleet(['cpu'], nodes, [
      shard('s1', ['a'], [10], { group: 'front' }),
      shard('s2', ['a'], [10], { group: 'store' }),
    ]);
    const policy = freePolicy(['cpu'], {
      placement: { dependencies: [{ group: 'front', dependsOn: 'store', level: 'region' }] },
    });
    expect(plan(requestFor(coupled, policy)).moves).toEqual([]);
  });

  test('transient load that is held for the whole plan keeps others out', () => {
    // Each of the two would fit into the place of the other, but not beside what that one leaves behind.
    const nodes = [node('a', 2, { capacity: [100, 100] }), node('b', 2, { capacity: [100, 100] })];
    const tight = fleet(['cpu', 'disk'], nodes, [shard('s1', ['a'], [60, 70]), shard('s2', ['b'], [20, 70])]);
    const policy = freePolicy(['cpu', 'disk'], {
      dimension: { transient: true },
      placement: { transientHold: 'plan' },
    });
    expect(plan(requestFor(tight, policy)).moves).toEqual([]);
  });
});

describe('a fleet of two kinds of nodes, each full in the dimension that the other has room in', () => {
  /** Nodes with twice the cpu and ones with twice the memory, all filled with the same mix. */
  function mixedFleet() {
    const nodes = Array.from({ length: 120 }, (_, n) =>
      node(`n${n}`, 2, { capacity: n % 2 === 0 ? [200, 100] : [100, 200] }),
    );
    const shards = Array.from({ length: 1_440 }, (_, s) =>
      shard(`s${s}`, [`n${s % 120}`], Math.floor(s / 120) % 2 === 0 ? [9, 1.5] : [1.5, 9]),
    );
    return fleet(['cpu', 'memory'], nodes, shards);
  }

  test('exchanges what each has too much of, though no node is cold', () => {
    // Too little to anneal it.
    const policy = freePolicy(['cpu', 'memory'], { budget: { maxEvaluations: 100_000 } });
    const { summary } = plan(requestFor(mixedFleet(), policy));
    for (const { peakToMean } of summary.before) expect(peakToMean).toBeGreaterThan(1.4);
    for (const { peakToMean } of summary.after) expect(peakToMean).toBeLessThan(1.1);
  });
});

test('where moves find no order, another search finds a plan without any', () => {
  const { obstacles, summary } = plan(smallFleet(11));
  expect(obstacles.filter(({ code }) => code === 'intermediateCapacity')).toEqual([]);
  expect(summary).toMatchObject({ violationsAfter: 0, deterministic: true });
});
