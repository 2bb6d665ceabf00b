import { describe, expect, test } from 'bun:test';
import type { PlanningRequest, PlanningResult } from '../domain/planning.ts';
import { computePlan } from './compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';

function plan(request: PlanningRequest): PlanningResult {
  const planned = computePlan(request);
  if (!planned.ok) throw new Error(planned.error.map((problem) => problem.message).join('; '));
  return planned.value;
}

function problemsOf(request: PlanningRequest) {
  const planned = computePlan(request);
  return planned.ok ? [] : planned.error;
}

/** Three nodes in three zones, all shards on the first. */
const hotSpot = fleet(
  ['cpu'],
  ['a', 'b', 'c'].map((id) => node(id, 1, { zone: `z-${id}` })),
  ['s1', 's2', 's3', 's4', 's5', 's6'].map((id) => shard(id, ['a'], [10])),
);

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

describe('infeasible', () => {
  const vacated = (placement = {}) =>
    requestFor(
      fleet(['cpu'], [node('a', 1, { adminState: 'draining' }), node('b', 1)], [shard('s1', ['a'], [10])]),
      freePolicy(['cpu'], { placement }),
    );

  test('all nodes vacated', () => {
    const none = fleet(['cpu'], [node('a', 1, { status: 'dead' })], [shard('s1', ['a'], [10])]);
    const [problem] = problemsOf(requestFor(none, freePolicy(['cpu'])));
    expect(problem).toMatchObject({
      code: 'PLACEMENT_INFEASIBLE',
      limit: 'a node that is alive and active (none is)',
    });
  });

  test('contradictory pins are named', () => {
    const [problem] = problemsOf(
      vacated({
        pins: [
          { select: {}, effect: 'only', nodes: ['b'] },
          { select: { prefix: 's' }, effect: 'never', nodes: ['b'] },
        ],
      }),
    );
    expect(problem).toMatchObject({
      code: 'PLACEMENT_INFEASIBLE',
      limit: 'placement.pins[0], placement.pins[1]',
    });
  });

  test('more replicas than nodes that are left', () => {
    const nodes = [node('a', 1, { status: 'dead' }), node('b', 1), node('c', 1)];
    const [problem] = problemsOf(
      requestFor(fleet(['cpu'], nodes, [shard('s1', ['a', 'b', 'c'], [1])]), freePolicy(['cpu'])),
    );
    expect(problem).toMatchObject({
      subject: 'shard/s1',
      limit: 'distinct nodes for 3 replicas (2 could take one)',
    });
  });

  test('more replicas than zones for the spread', () => {
    const nodes = [node('a', 1), node('b', 1), node('c', 1)];
    const policy = freePolicy(['cpu'], {
      placement: { spread: [{ select: {}, level: 'zone', minDomains: 3, maxPerDomain: 0 }] },
    });
    const [problem] = problemsOf(
      requestFor(fleet(['cpu'], nodes, [shard('s1', ['a', 'b', 'c'], [1])]), policy),
    );
    expect(problem.limit).toBe('placement.spread[0] for 3 replicas (1 of level zone could take one)');
  });

  test('a shard larger than every node', () => {
    const large = fleet(['cpu'], [node('a', 1), node('b', 1)], [shard('s1', ['a'], [500])]);
    expect(problemsOf(requestFor(large, freePolicy(['cpu'])))).toMatchObject([
      { code: 'PLACEMENT_INFEASIBLE', subject: 'shard/s1', limit: 'the hard limit of cpu' },
    ]);
  });

  test('what only lacks room for now is an obstacle', () => {
    const full = fleet(
      ['cpu'],
      [node('a', 1, { adminState: 'draining' }), node('b', 1)],
      [shard('s1', ['a'], [60]), shard('s2', ['b'], [60])],
    );
    const { moves, obstacles } = plan(requestFor(full, freePolicy(['cpu'])));
    expect(moves).toEqual([]);
    expect(obstacles[0]).toMatchObject({ code: 'capacity', subject: 'shard/s1' });
  });
});

describe('extremes', () => {
  test('a budget of nothing gives an empty plan', () => {
    for (const budget of [{ maxMoves: 0 }, { maxBytes: 0 }, { maxShareOfShards: 0 }, { maxEvaluations: 0 }]) {
      expect(plan(requestFor(hotSpot, freePolicy(['cpu'], { budget }))).moves).toEqual([]);
    }
  });

  test('one node, no load and no capacity are answered', () => {
    const fleets = [
      fleet(['cpu'], [node('a', 1)], [shard('s1', ['a'], [10])]),
      fleet(['cpu'], [node('a', 1), node('b', 1)], [shard('s1', ['a'], [0])]),
      fleet(
        ['cpu'],
        [node('a', 1, { capacity: [0] }), node('b', 1, { capacity: [0] })],
        [shard('s1', ['a'], [0])],
      ),
    ];
    for (const snapshot of fleets) {
      const { moves, summary } = plan(requestFor(snapshot, freePolicy(['cpu'])));
      expect(moves).toEqual([]);
      expect(JSON.stringify(summary)).not.toContain('null');
    }
  });

  test('loads of 1e-12 and 1e15 are balanced like any other', () => {
    for (const scale of [1e-12, 1e15]) {
      const nodes = ['a', 'b'].map((id) => node(id, 1, { capacity: [100 * scale] }));
      const scaled = fleet(
        ['cpu'],
        nodes,
        ['1', '2', '3', '4'].map((id) => shard(id, ['a'], [10 * scale])),
      );
      expect(plan(requestFor(scaled, freePolicy(['cpu']))).moves).toHaveLength(2);
    }
  });

  test('a search that the clock ends says so and is still a valid plan', () => {
    let asked = 0;
    const shards = Array.from({ length: 400 }, (_, s) => shard(`s${s}`, ['a'], [0.1 + (s % 7) / 100]));
    const nodes = Array.from({ length: 12 }, (_, n) => node(n === 0 ? 'a' : `n${n}`, 1));
    const planned = computePlan(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])), {
      shouldStop: () => ++asked > 8,
    });
    expect(planned.ok && planned.value.summary.deterministic).toBe(false);
    expect(planned.ok && planned.value.moves.length).toBeGreaterThan(0);
  });
});

describe('fixed tasks', () => {
  const move = { kind: 'relocate' as const, shard: 's1', replica: 0, successor: 0, destination: 'b' };
  const fixed = (moves: readonly (typeof move)[]) =>
    requestFor(hotSpot, freePolicy(['cpu']), { task: { kind: 'fixed', moves } });

  test('exactly the moves asked for, in an order that works', () => {
    const { moves, summary } = plan(fixed([move, { ...move, shard: 's2' }]));
    expect(moves.map(({ shard: id, destination }) => [id, destination])).toEqual([
      ['s1', 'b'],
      ['s2', 'b'],
    ]);
    expect(moves[0].reasons[0].code).toBe('rollback');
    expect(summary.evaluations).toBe(0);
  });

  test('a replica that goes there and back keeps its order', () => {
    const { moves } = plan(fixed([move, { ...move, destination: 'a' }]));
    expect(moves.map((entry) => [entry.wave, entry.destination, entry.expectedVersion])).toEqual([
      [0, 'b', 7],
      [1, 'a', -1],
    ]);
  });

  test.each([
    [{ shard: 'nope' }, 'SHARD_NOT_FOUND', 'task.moves[0].shard'],
    [{ destination: 'nope' }, 'NODE_NOT_FOUND', 'task.moves[0].destination'],
    [{ replica: 9 }, 'FIELD_INVALID', 'task.moves[0].replica'],
    [{ destination: 'a' }, 'FIELD_INVALID', 'task.moves[0].destination'],
  ])('%o is refused with %s', (change, code, field) => {
    expect(problemsOf(fixed([{ ...move, ...change }]))).toMatchObject([{ code, field }]);
  });

  test('a move that would break a rule is refused with the rule', () => {
    const tight = fleet(['cpu'], [node('a', 1), node('b', 1, { capacity: [5] })], [shard('s1', ['a'], [10])]);
    const problems = problemsOf(
      requestFor(tight, freePolicy(['cpu']), { task: { kind: 'fixed', moves: [move] } }),
    );
    expect(problems).toMatchObject([
      { code: 'PLACEMENT_INFEASIBLE', subject: 'shard/s1', limit: 'capacity' },
    ]);
    expect(problems[0].message).toContain('hard limit');
  });
});
