import { describe, expect, test } from 'bun:test';
import { allow, applyOverrides, block, isoTime, percent, throttle, worstDecision } from './verdicts.ts';

const facts = {
  subject: 'plan',
  observed: 3,
  limit: 2,
  message: 'There are 3; 2 are allowed.',
  remedy: 'Take one away.',
};
const allowed = allow('GUARDRAIL_FREEZE', facts);
const throttled = throttle('GUARDRAIL_FREEZE', facts);
const blocked = block('GUARDRAIL_MOVES_PER_PLAN', facts);

describe('verdicts', () => {
  test('are as bad as the worst of them', () => {
    expect(worstDecision([])).toBe('allow');
    expect(worstDecision([allowed, throttled])).toBe('throttle');
    expect(worstDecision([blocked, throttled, allowed])).toBe('block');
  });

  test('pass when their code is overridden, and say by whom', () => {
    const overrides = [{ code: 'GUARDRAIL_FREEZE', reason: 'agreed', by: 'ada' } as const];
    expect(applyOverrides([throttled, blocked, allowed], overrides)).toEqual([
      { ...throttled, decision: 'allow', overriddenBy: 'ada' },
      blocked,
      allowed,
    ]);
  });

  test('name times and shares as people read them', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect([percent(0.1), percent(0.1234), percent(1)]).toEqual(['10%', '12.3%', '100%']);
  });
});
