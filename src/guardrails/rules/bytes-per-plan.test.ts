import { describe, expect, test } from 'bun:test';
import { judgePlanBy, overrideOf, planContext, testMove, testPolicy } from '../guardrail.testing.ts';
import { bytesPerPlan } from './bytes-per-plan.ts';

const policy = testPolicy({ budget: { maxBytes: 200 } });
const movesOf = (...bytes: number[]) =>
  bytes.map((each, i) => testMove({ id: `m0000${i + 1}`, bytes: each }));

describe('bytes per plan', () => {
  test('allows exactly the bytes of the budget', () => {
    const verdict = judgePlanBy(bytesPerPlan, planContext({ policy, moves: movesOf(150, 50) }));
    expect(verdict).toMatchObject({ decision: 'allow', observed: 200, limit: 200 });
  });

  test('blocks one byte more', () => {
    const verdict = judgePlanBy(bytesPerPlan, planContext({ policy, moves: movesOf(150, 51) }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 201, limit: 200, subject: 'plan' });
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(bytesPerPlan)];
    const verdict = judgePlanBy(bytesPerPlan, planContext({ policy, moves: movesOf(500), overrides }));
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
