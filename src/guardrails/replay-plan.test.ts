import { describe, expect, test } from 'bun:test';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import type { SnapshotInput } from '../domain/snapshot-builder.ts';
import { planContext, testMove, testNode, testPolicy, testShard, testSnapshot } from './guardrail.testing.ts';
import type { PlanGuardrailContext } from './guardrail-context.ts';
import { illShards } from './ill-shards.ts';
import { judgePlan } from './judge-plan.ts';

const roomy: PolicyOverlay = { budget: { maxShareOfShards: 1 } };

function nodesWith(change: Readonly<Record<string, Parameters<typeof testNode>[1]>>): SnapshotInput['nodes'] {
  return ['a', 'a', 'b', 'b', 'c', 'c'].map((zone, index) =>
    testNode(`n${index + 1}`, { zone, ...change[`n${index + 1}`] }),
  );
}

function objections(context: Partial<PlanGuardrailContext>): readonly (readonly [string, string])[] {
  return judgePlan(planContext({ policy: testPolicy(roomy), ...context }))
    .filter((verdict) => verdict.decision !== 'allow')
    .map(({ code, decision }) => [code, decision] as const);
}

/** A plan for each rule that nobody should have made. */
const unsound: readonly [string, Partial<PlanGuardrailContext>][] = [
  [
    'GUARDRAIL_MIN_HEALTHY_REPLICAS',
    {
      snapshot: testSnapshot({ nodes: nodesWith({ n3: { status: 'suspect' } }) }),
      moves: [testMove()],
    },
  ],
  [
    'GUARDRAIL_REPLICA_IN_FLIGHT',
    { moves: [testMove(), testMove({ id: 'm00002', replica: 1, source: 'n3', destination: 'n6' })] },
  ],
  [
    'GUARDRAIL_SPREAD',
    {
      policy: testPolicy({
        ...roomy,
        placement: { spread: [{ select: {}, level: 'zone', minDomains: 2, maxPerDomain: 1 }] },
      }),
      moves: [testMove({ destination: 'n4' })],
    },
  ],
  [
    'GUARDRAIL_CAPACITY',
    { snapshot: testSnapshot({ nodes: nodesWith({ n5: { capacity: [15, 15] } }) }), moves: [testMove()] },
  ],
  [
    'GUARDRAIL_CONCENTRATION_REPLICAS',
    { policy: testPolicy({ ...roomy, placement: { maxReplicasPerNode: 1 } }), moves: [testMove()] },
  ],
  [
    'GUARDRAIL_CONCENTRATION_LOAD',
    { policy: testPolicy({ ...roomy, placement: { maxShareOfLoadPerNode: 0.1 } }), moves: [testMove()] },
  ],
  [
    'GUARDRAIL_DESTINATION_UNHEALTHY',
    { snapshot: testSnapshot({ nodes: nodesWith({ n5: { status: 'suspect' } }) }), moves: [testMove()] },
  ],
];

/** Several moves into one node, each of which is fine alone. */
const together = ['s1', 's2', 's3', 's4'].map((shard, index) =>
  testMove({
    id: `m0000${index + 1}`,
    shard,
    source: ['n1', 'n1', 'n2', 'n3'][index] ?? '',
    destination: 'n6',
  }),
);

describe('the moves of a plan, played through', () => {
  describe.each(['create', 'approve', 'start'] as const)('when it is judged to %s', (phase) => {
    test.each(unsound)('a plan that breaks %s is blocked', (code, context) => {
      expect(objections({ ...context, phase })).toContainEqual([code, 'block']);
    });

    test('a sound plan has no objection', () => {
      expect(objections({ phase })).toEqual([]);
    });
  });

  test('count together: what one move may do, several may not', () => {
    const snapshot = testSnapshot({ nodes: nodesWith({ n6: { capacity: [35, 35] } }) });
    const [first] = together;
    expect(objections({ snapshot, moves: first ? [first] : [] })).toEqual([]);
    expect(objections({ snapshot, moves: together })).toEqual([['GUARDRAIL_CAPACITY', 'block']]);
  });

  test('are told once per rule, with their number and an example', () => {
    const snapshot = testSnapshot({ nodes: nodesWith({ n6: { capacity: [12, 12] } }) });
    const [verdict, ...others] = judgePlan(
      planContext({ snapshot, policy: testPolicy(roomy), moves: together }),
    ).filter((each) => each.code === 'GUARDRAIL_CAPACITY');
    expect(others).toEqual([]);
    expect(verdict).toMatchObject({ decision: 'block', subject: 'node/n6' });
    expect(verdict?.message).toContain("3 of the plan's 4 moves");
  });

  test('meet what earlier waves left: a move may use the room that another made', () => {
    const nodes = nodesWith({ n1: { capacity: [25, 25] }, n2: { capacity: [1000, 1000] } });
    const shards = [testShard('s1', ['n1']), testShard('s2', ['n1']), testShard('s3', ['n2'])];
    const out = testMove({ id: 'm00001', wave: 0, destination: 'n5' });
    const into = testMove({ id: 'm00002', wave: 1, shard: 's3', source: 'n2', destination: 'n1' });
    const snapshot = testSnapshot({ nodes, shards });
    expect(objections({ snapshot, moves: [out, into] })).toEqual([]);
    const early = [
      { ...into, wave: 0 },
      { ...out, wave: 1 },
    ];
    expect(objections({ snapshot, moves: early })).toEqual([['GUARDRAIL_CAPACITY', 'block']]);
  });

  test('that wait for others of their wave are told to people and do not hold up the start', () => {
    const nodes = nodesWith({ n1: { capacity: [25, 25] } });
    const shards = [testShard('s1', ['n1']), testShard('s2', ['n1']), testShard('s3', ['n2'])];
    const moves = [
      testMove({ destination: 'n5' }),
      testMove({ id: 'm00002', shard: 's3', source: 'n2', destination: 'n1' }),
    ];
    const snapshot = testSnapshot({ nodes, shards });
    expect(objections({ snapshot, moves })).toEqual([['GUARDRAIL_CAPACITY', 'throttle']]);
    expect(objections({ snapshot, moves, phase: 'start' })).toEqual([]);
  });

  test('of a restore do not all wait for the one shard that is too ill to move', () => {
    const shards = [testShard('s1', ['n1', 'n3']), testShard('s2', ['n1'])];
    const snapshot = testSnapshot({ nodes: nodesWith({ n1: { status: 'dead' } }), shards });
    const moves = [testMove(), testMove({ id: 'm00002', shard: 's2', destination: 'n6' })];
    const code = 'GUARDRAIL_MIN_HEALTHY_REPLICAS';
    expect(objections({ snapshot, moves, kind: 'restore' })).toEqual([[code, 'throttle']]);
    expect(objections({ snapshot, moves, kind: 'restore', phase: 'start' })).toEqual([]);
    expect(objections({ snapshot, moves: moves.slice(1), kind: 'restore' })).toEqual([[code, 'block']]);
  });

  test('pass with an override, except for what nobody can override', () => {
    for (const [code, context] of unsound) {
      const override = { code, reason: 'agreed', by: 'ada' } as PlanGuardrailContext['overrides'][number];
      const left = objections({ ...context, overrides: [override] }).map(([each]) => each);
      const stays = code === 'GUARDRAIL_MIN_HEALTHY_REPLICAS' || code === 'GUARDRAIL_REPLICA_IN_FLIGHT';
      expect([code, left.includes(code as (typeof left)[number])]).toEqual([code, stays]);
    }
  });
});

describe('shards that are too ill to move', () => {
  const shards = [
    testShard('s1', ['n1', 'n2']),
    testShard('s2', ['n1']),
    testShard('s3', ['n3', 'n4']),
    testShard('s4', ['n5', 'n2']),
    testShard('s5', ['n1', 'n3', 'n4']),
  ];

  test('are none while every node is alive', () => {
    expect([...illShards(testSnapshot({ shards }), testPolicy())]).toEqual([]);
  });

  test('have nothing to copy from, or would be left with too few while a node is suspect', () => {
    const nodes = nodesWith({ n1: { status: 'dead' }, n2: { status: 'suspect' } });
    // s1 lost both, s2 its only one, s4 has one healthy replica that must stay until n2 is known to live.
    expect([...illShards(testSnapshot({ nodes, shards }), testPolicy())]).toEqual([0, 1, 3]);
  });

  test('are not those that a healthy replica can restore', () => {
    const nodes = nodesWith({ n1: { status: 'dead' } });
    expect([...illShards(testSnapshot({ nodes, shards }), testPolicy())]).toEqual([1]);
  });
});
