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
      limit: 'nodes that are alive and active',
      remedy: 'Any one of these is enough to go on: add nodes or take nodes back into service.',
    });
  });

  test('all nodes vacated, and no healthy copy left of what lies there', () => {
    const none = fleet(['cpu'], [node('a', 1, { status: 'left' })], [shard('s1', ['a'], [10])]);
    const [problem] = problemsOf(requestFor(none, freePolicy(['cpu']), { frozenShards: Int32Array.of(0) }));
    expect(problem).toMatchObject({ code: 'PLACEMENT_INFEASIBLE', limit: 'nodes that are alive and active' });
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
      message: expect.stringContaining('only b; lets 1 of 2 nodes'),
    });
  });

  test('rules that are kept anyway are not named', () => {
    const [problem] = problemsOf(
      vacated({
        pins: [{ select: {}, effect: 'never', nodes: ['b'] }],
        labels: [{ select: {}, effect: 'forbid', label: 'disk', values: ['hdd'] }],
        spread: [{ select: {}, level: 'zone', minDomains: 1, maxPerDomain: 1 }],
      }),
    );
    expect(problem.limit).toBe('placement.pins[0], nodes that are alive and active');
  });

  test('more replicas than nodes that are left', () => {
    const nodes = [node('a', 1, { status: 'dead' }), node('b', 1), node('c', 1)];
    const [problem] = problemsOf(
      requestFor(fleet(['cpu'], nodes, [shard('s1', ['a', 'b', 'c'], [1])]), freePolicy(['cpu'])),
    );
    expect(problem).toMatchObject({
      subject: 'shard/s1',
      limit: 'distinct nodes, nodes that are alive and active',
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
    expect(problem.limit).toBe('placement.spread[0]');
    expect(problem.message).toContain("at least 3 of the fleet's 1 zones");
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
  test.each([
    ['budgetMoves', { maxMoves: 0 }],
    ['budgetBytes', { maxBytes: 0 }],
    ['budgetShare', { maxShareOfShards: 0 }],
  ] as const)('a budget of nothing gives an empty plan that says so: %s', (code, budget) => {
    const { moves, obstacles } = plan(requestFor(hotSpot, freePolicy(['cpu'], { budget })));
    expect(moves).toEqual([]);
    expect(obstacles).toMatchObject([{ code, subject: 'node/a' }]);
  });

  test('a search that may look at nothing gives an empty plan', () => {
    expect(plan(requestFor(hotSpot, freePolicy(['cpu'], { budget: { maxEvaluations: 0 } }))).moves).toEqual(
      [],
    );
  });

  test.each([
    { maxMoves: 0 },
    { maxBytes: 0 },
    { maxShareOfShards: 0 },
    { maxEvaluations: 0 },
    { maxMoves: 0, maxBytes: 0, maxShareOfShards: 0, maxEvaluations: 0 },
  ])('a budget of nothing vacates no node either, and says what is left on it: %j', (budget) => {
    const leaving = fleet(
      ['cpu'],
      [node('a', 1, { adminState: 'draining' }), node('b', 1), node('c', 1)],
      [shard('s1', ['a'], [10]), shard('s2', ['b'], [10])],
    );
    const { moves, obstacles, summary } = plan(requestFor(leaving, freePolicy(['cpu'], { budget })));
    expect(moves).toEqual([]);
    expect(obstacles[0]).toMatchObject({ subject: 'shard/s1' });
    expect(summary.after).toEqual(summary.before);
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

  test('a search that has used up its candidates says so of what stays above target', () => {
    const shards = Array.from({ length: 40 }, (_, s) => shard(`s${s}`, ['a'], [2]));
    const nodes = ['a', 'b', 'c', 'd'].map((id) => node(id, 1, { capacity: [100] }));
    const policyOf = (maxEvaluations: number) =>
      freePolicy(['cpu'], { dimension: { targetUtilization: 0.3 }, budget: { maxEvaluations } });
    const { moves, obstacles } = plan(requestFor(fleet(['cpu'], nodes, shards), policyOf(8)));
    expect(moves.length).toBeGreaterThan(0);
    expect(obstacles).toMatchObject([{ code: 'budgetSearch', subject: 'node/a' }]);
    expect(obstacles[0].message).toContain('budget.maxEvaluations');
    expect(plan(requestFor(fleet(['cpu'], nodes, shards), policyOf(100_000))).obstacles).toEqual([]);
  });

  test('a search that the clock ends says so and is still a valid plan', () => {
    let asked = 0;
    const shards = Array.from({ length: 400 }, (_, s) => shard(`s${s}`, ['a'], [0.1 + (s % 7) / 100]));
    const nodes = Array.from({ length: 12 }, (_, n) => node(n === 0 ? 'a' : `n${n}`, 1));
    const planned = computePlan(requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'])), {
      shouldStop: () => ++asked > 1,
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
