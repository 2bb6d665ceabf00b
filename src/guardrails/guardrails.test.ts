import { describe, expect, test } from 'bun:test';
import { errorCodes, guardrailCodes, neverOverridable } from '../domain/error-codes.ts';
import {
  moveContext,
  planContext,
  testIncident,
  testMove,
  testNode,
  testPolicy,
  testShard,
  testSnapshot,
  testTrace,
} from './guardrail.testing.ts';
import { guardrails } from './guardrails.ts';
import { judgeMove } from './judge-move.ts';
import { judgePlan } from './judge-plan.ts';
import { worstDecision } from './verdicts.ts';

describe('the table of guardrails', () => {
  test('has exactly one rule for every code of the registry', () => {
    expect(guardrails.map((each) => each.code).toSorted()).toEqual(guardrailCodes.toSorted());
  });

  test('has a place for every rule: plans, moves or both', () => {
    for (const { code, plan, move } of guardrails) {
      expect([code, plan !== undefined || move !== undefined]).toEqual([code, true]);
      if (plan) expect(plan.phases.length).toBeGreaterThan(0);
    }
  });

  test('gives every code a meaning and a remedy', () => {
    for (const code of guardrailCodes) expect(errorCodes[code].remedy.length).toBeGreaterThan(0);
  });
});

describe('judging a plan', () => {
  test.each(['create', 'approve', 'start'] as const)(
    'answers once per rule of the phase %s, allow included',
    (phase) => {
      const policy = testPolicy({ budget: { maxShareOfShards: 1 } });
      const verdicts = judgePlan(planContext({ phase, policy }));
      const expected = guardrails
        .filter((each) => each.plan?.phases.includes(phase))
        .map((each) => each.code);
      expect(verdicts.map((each) => each.code)).toEqual(expected);
      expect(worstDecision(verdicts)).toBe('allow');
      for (const each of verdicts) expect(each.message).toMatch(/^[A-Z0-9].*\.$/);
    },
  );

  test('names every rule that objects, not only the first', () => {
    const policy = testPolicy({ budget: { maxMoves: 1, maxBytes: 1, maxShareOfShards: 0.3 } });
    const moves = [testMove(), testMove({ id: 'm00002', shard: 's2' })];
    const verdicts = judgePlan(planContext({ policy, moves }));
    const blocking = verdicts.filter((each) => each.decision === 'block').map((each) => each.code);
    expect(blocking).toEqual([
      'GUARDRAIL_MOVES_PER_PLAN',
      'GUARDRAIL_BYTES_PER_PLAN',
      'GUARDRAIL_SHARE_OF_SHARDS',
    ]);
    expect(worstDecision(verdicts)).toBe('block');
  });

  test('overrides only the codes named', () => {
    const policy = testPolicy({ budget: { maxMoves: 1, maxBytes: 1 } });
    const moves = [testMove(), testMove({ id: 'm00002', wave: 1, source: 'n5', destination: 'n6' })];
    const overrides = [{ code: 'GUARDRAIL_BYTES_PER_PLAN', reason: 'agreed', by: 'ada' } as const];
    const verdicts = judgePlan(planContext({ policy, moves, overrides }));
    expect(verdicts.filter((each) => each.decision === 'block').map((each) => each.code)).toEqual([
      'GUARDRAIL_MOVES_PER_PLAN',
    ]);
    expect(verdicts.find((each) => each.overriddenBy)?.code).toBe('GUARDRAIL_BYTES_PER_PLAN');
  });
});

describe('judging a move', () => {
  test('answers nothing for a move that nothing stands in the way of', () => {
    expect(judgeMove(moveContext(), testMove())).toEqual([]);
  });

  test('has no objection to a leadership transfer between healthy replicas', () => {
    const transfer = testMove({ kind: 'transferLeadership', successor: 1, destination: 'n3', bytes: 0 });
    expect(judgeMove(moveContext(), transfer)).toEqual([]);
  });

  test('names every rule that objects, at most once each', () => {
    const fleet = testSnapshot({
      nodes: ['a', 'a', 'b', 'b', 'c', 'c'].map((zone, i) =>
        testNode(`n${i + 1}`, { zone, status: i > 2 ? 'dead' : 'alive', capacity: [1, 1] }),
      ),
      shards: [testShard('s1', ['n1', 'n4'])],
    });
    const policy = testPolicy({ concurrency: { namespace: 1 } });
    const context = moveContext({
      snapshot: fleet,
      policy,
      inFlight: [testMove({ id: 'm00002', replica: 1, source: 'n4', destination: 'n2' })],
      incidents: [testIncident({ severity: 'critical' })],
      moveTraces: [testTrace()],
    });
    const codes = judgeMove(context, testMove()).map((each) => each.code);
    expect(codes).toEqual([
      'GUARDRAIL_MIN_HEALTHY_REPLICAS',
      'GUARDRAIL_REPLICA_IN_FLIGHT',
      'GUARDRAIL_CAPACITY',
      'GUARDRAIL_DESTINATION_UNHEALTHY',
      'GUARDRAIL_MASS_FAILURE',
      'GUARDRAIL_INCIDENT',
      'GUARDRAIL_COOLDOWN_SHARD',
      'GUARDRAIL_COOLDOWN_NODE',
      'GUARDRAIL_CONCURRENCY_NAMESPACE',
    ]);
  });

  test('keeps what nobody can override, whatever is overridden', () => {
    const fleet = testSnapshot({
      nodes: testSnapshot().nodes.map((node) => ({ ...node, status: 'dead' as const })),
    });
    const overrides = guardrailCodes.map((code) => ({ code, reason: 'everything', by: 'ada' }));
    const verdicts = judgeMove(moveContext({ snapshot: fleet, overrides }), testMove());
    const held = verdicts.filter((each) => each.decision !== 'allow');
    expect(held.map((each) => each.code)).toEqual(['GUARDRAIL_MIN_HEALTHY_REPLICAS']);
    expect(held.every((each) => neverOverridable.has(each.code))).toBe(true);
  });
});
