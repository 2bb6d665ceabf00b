import { describe, expect, test } from 'bun:test';
import { judgePlanBy, overrideOf, planContext, testNow, testPolicy } from '../guardrail.testing.ts';
import { cooldownNamespace } from './cooldown-namespace.ts';

const policy = testPolicy({ cooldown: { namespaceMs: 300_000, failureMs: 900_000 } });

describe('cooldown of the namespace', () => {
  test('allows the first plan of a namespace', () => {
    expect(judgePlanBy(cooldownNamespace, planContext({ policy })).decision).toBe('allow');
  });

  test('throttles until the cooldown is over, and says when that is', () => {
    const verdict = judgePlanBy(
      cooldownNamespace,
      planContext({ policy, lastPlanEndedAt: testNow - 299_999 }),
    );
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 299_999, limit: 300_000 });
    expect(verdict.remedy).toContain(new Date(testNow + 1).toISOString());
  });

  test('allows from the end of the cooldown on', () => {
    const verdict = judgePlanBy(
      cooldownNamespace,
      planContext({ policy, lastPlanEndedAt: testNow - 300_000 }),
    );
    expect(verdict.decision).toBe('allow');
  });

  test('waits longer after a plan that failed', () => {
    const failed = { policy, lastPlanEndedAt: testNow - 300_000, lastPlanFailed: true };
    expect(judgePlanBy(cooldownNamespace, planContext(failed))).toMatchObject({
      decision: 'throttle',
      limit: 900_000,
    });
  });

  test.each(['drain', 'restore', 'rollback'] as const)('lets a %s go on at once', (kind) => {
    const verdict = judgePlanBy(
      cooldownNamespace,
      planContext({ policy, kind, lastPlanEndedAt: testNow - 1 }),
    );
    expect(verdict.decision).toBe('allow');
    expect(verdict.message).toContain(kind);
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(cooldownNamespace)];
    const context = planContext({ policy, phase: 'start', lastPlanEndedAt: testNow - 1, overrides });
    expect(judgePlanBy(cooldownNamespace, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
