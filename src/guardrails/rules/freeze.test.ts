import { describe, expect, test } from 'bun:test';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testNow,
  testPolicy,
} from '../guardrail.testing.ts';
import { freeze } from './freeze.ts';

const policy = testPolicy({
  changeControl: {
    freezes: [
      { from: testNow, until: testNow + 1_000, reason: 'end of quarter' },
      { from: testNow + 500, until: testNow + 5_000, reason: 'audit' },
    ],
  },
});
const moveAt = (offset: number) => judgeMoveBy(freeze, moveContext({ policy, now: testNow + offset }));

describe('change freezes', () => {
  test('hold from their first to before their last millisecond', () => {
    expect(moveAt(-1)).toBeUndefined();
    expect(moveAt(0)).toMatchObject({ decision: 'throttle' });
    expect(moveAt(4_999)).toMatchObject({ decision: 'throttle' });
    expect(moveAt(5_000)).toBeUndefined();
  });

  test('say when they end and why; of several the one that ends last', () => {
    expect(moveAt(0)?.message).toContain('end of quarter');
    const verdict = moveAt(600);
    expect(verdict?.message).toContain('audit');
    expect(verdict?.remedy).toBe(`Wait until ${new Date(testNow + 5_000).toISOString()}.`);
  });

  test('hold the start of a plan', () => {
    expect(judgePlanBy(freeze, planContext({ phase: 'start', policy })).decision).toBe('throttle');
    expect(judgePlanBy(freeze, planContext({ phase: 'start' })).decision).toBe('allow');
  });

  test('let an override pass', () => {
    const context = moveContext({ policy, overrides: [overrideOf(freeze)] });
    expect(judgeMoveBy(freeze, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
