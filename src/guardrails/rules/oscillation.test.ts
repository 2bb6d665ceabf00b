import { describe, expect, test } from 'bun:test';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testMove,
  testNow,
  testPolicy,
  testTrace,
} from '../guardrail.testing.ts';
import { oscillation } from './oscillation.ts';

const windowMs = 3_600_000;
const policy = (maxReturns: number) =>
  testPolicy({ cooldown: { oscillationWindowMs: windowMs, maxReturns } });
const hop = (source: string, destination: string, minutesAgo: number, planId = `p-${minutesAgo}`) =>
  testTrace({ source, destination, planId, at: testNow - minutesAgo * 60_000 });
/** n5 → n1 → n5 → n1, so that the move n1 → n5 is the third return. */
const swinging = [hop('n5', 'n1', 30), hop('n1', 'n5', 20), hop('n5', 'n1', 10)];

describe('oscillation', () => {
  test('has no objection to a shard that goes where it was not', () => {
    const moveTraces = [hop('n4', 'n1', 10)];
    expect(judgeMoveBy(oscillation, moveContext({ policy: policy(0), moveTraces }))).toBeUndefined();
  });

  test('throttles a return beyond those that policy allows, and says when the window has passed', () => {
    const moveTraces = [hop('n5', 'n1', 10)];
    expect(judgeMoveBy(oscillation, moveContext({ policy: policy(1), moveTraces }))).toBeUndefined();
    const verdict = judgeMoveBy(oscillation, moveContext({ policy: policy(0), moveTraces }));
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 1, limit: 0, subject: 'shard/s1' });
    expect(verdict?.remedy).toContain(new Date(testNow - 600_000 + windowMs).toISOString());
  });

  test('counts every return in the window, in whatever order the traces come', () => {
    const context = (maxReturns: number) =>
      moveContext({ policy: policy(maxReturns), moveTraces: swinging.toReversed() });
    expect(judgeMoveBy(oscillation, context(2))).toMatchObject({ observed: 3, limit: 2 });
    expect(judgeMoveBy(oscillation, context(3))).toBeUndefined();
  });

  test('forgets what happened before the window', () => {
    const moveTraces = [hop('n5', 'n1', 60)];
    expect(judgeMoveBy(oscillation, moveContext({ policy: policy(0), moveTraces }))).toBeUndefined();
  });

  test('does not count other replicas of the shard, nor moves of the same plan', () => {
    const sibling = [{ ...hop('n5', 'n1', 10), replica: 1 }];
    expect(judgeMoveBy(oscillation, moveContext({ policy: policy(0), moveTraces: sibling }))).toBeUndefined();
    const own = [hop('n5', 'n1', 10, 'p1')];
    expect(judgeMoveBy(oscillation, moveContext({ policy: policy(0), moveTraces: own }))).toBeUndefined();
  });

  test.each(['drain', 'restore', 'rollback'] as const)('exempts a %s', (kind) => {
    expect(
      judgeMoveBy(oscillation, moveContext({ policy: policy(0), moveTraces: swinging, kind })),
    ).toBeUndefined();
  });

  test('exempts leadership transfers', () => {
    const transfer = testMove({ kind: 'transferLeadership', successor: 1 });
    expect(
      judgeMoveBy(oscillation, moveContext({ policy: policy(0), moveTraces: swinging }), transfer),
    ).toBeUndefined();
  });

  test('shows it when the plan is made', () => {
    const verdict = judgePlanBy(oscillation, planContext({ policy: policy(0), moveTraces: swinging }));
    expect(verdict).toMatchObject({ decision: 'throttle', subject: 'shard/s1' });
  });

  test('lets an override pass', () => {
    const context = moveContext({
      policy: policy(0),
      moveTraces: swinging,
      overrides: [overrideOf(oscillation)],
    });
    expect(judgeMoveBy(oscillation, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
