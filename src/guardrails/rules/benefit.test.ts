import { describe, expect, test } from 'bun:test';
import { judgePlanBy, overrideOf, planContext, testPolicy, testSummary } from '../guardrail.testing.ts';
import { benefit, relativeGain } from './benefit.ts';

const policy = testPolicy({ benefit: { minPlanGain: 0.25 } });
const from100to = (after: number) => testSummary({ objectiveBefore: [0, 100], objectiveAfter: [0, after] });

describe('benefit of a plan', () => {
  test('allows exactly the gain that policy asks for', () => {
    const verdict = judgePlanBy(benefit, planContext({ policy, summary: from100to(75) }));
    expect(verdict).toMatchObject({ decision: 'allow', observed: 0.25, limit: 0.25 });
  });

  test('blocks less', () => {
    const verdict = judgePlanBy(benefit, planContext({ policy, summary: from100to(76) }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.24 });
    expect(verdict.remedy).toContain('benefit.minPlanGain');
  });

  test.each(['drain', 'restore', 'rollback', 'manual'] as const)('does not judge a %s', (kind) => {
    expect(judgePlanBy(benefit, planContext({ policy, kind, summary: from100to(150) })).decision).toBe(
      'allow',
    );
  });

  test('lets an override pass', () => {
    const context = planContext({ policy, summary: from100to(99), overrides: [overrideOf(benefit)] });
    expect(judgePlanBy(benefit, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});

describe('relative gain of an objective', () => {
  test.each([
    ['the most important level that changes counts', [4, 1], [3, 9], 0.25],
    ['levels before it that stay do not', [4, 2], [4, 1], 0.5],
    ['rounding is no change', [1, 8], [1 + 1e-15, 4], 0.5],
    ['a level that got worse is a loss', [4, 2], [5, 0], -0.25],
    ['a level that was perfect and is not any more is a whole loss', [0, 2], [1, 0], -1],
    ['nothing changed', [4, 2], [4, 2], 0],
    ['there is no objective', [], [], 0],
  ])('%s', (_, before, after, gain) => {
    expect(relativeGain(before, after)).toBeCloseTo(gain, 12);
  });
});
