import { describe, expect, test } from 'bun:test';
import { judgePlanBy, overrideOf, planContext, testMove, testPolicy } from '../guardrail.testing.ts';
import { movesPerPlan } from './moves-per-plan.ts';

const policy = testPolicy({ budget: { maxMoves: 2 } });
const movesOf = (count: number) => Array.from({ length: count }, (_, i) => testMove({ id: `m0000${i + 1}` }));

describe('moves per plan', () => {
  test('allows a plan with exactly as many moves as policy allows', () => {
    const verdict = judgePlanBy(movesPerPlan, planContext({ policy, moves: movesOf(2) }));
    expect(verdict).toMatchObject({ decision: 'allow', observed: 2, limit: 2, subject: 'plan' });
  });

  test.each(['create', 'approve', 'start'] as const)('blocks one move more in phase %s', (phase) => {
    const verdict = judgePlanBy(movesPerPlan, planContext({ phase, policy, moves: movesOf(3) }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 3, limit: 2 });
    expect(verdict.remedy).toContain('budget.maxMoves');
  });

  test('lets an override pass and names who overrode', () => {
    const overrides = [overrideOf(movesPerPlan)];
    const verdict = judgePlanBy(movesPerPlan, planContext({ policy, moves: movesOf(3), overrides }));
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada', observed: 3 });
  });
});
