import { describe, expect, test } from 'bun:test';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testPolicy,
} from '../guardrail.testing.ts';
import { changeWindow } from './change-window.ts';

const nightly = { days: [1, 2, 3, 4, 5], start: '22:00', end: '02:00', timeZone: 'UTC' };
const policy = testPolicy({ changeControl: { windows: [nightly] } });
/** A Wednesday. */
const at = (hour: number, minute = 0) => Date.UTC(2026, 2, 4, hour, minute);

describe('change windows', () => {
  test('allow any time where policy has none', () => {
    expect(judgePlanBy(changeWindow, planContext()).decision).toBe('allow');
    expect(judgeMoveBy(changeWindow, moveContext())).toBeUndefined();
  });

  test('allow moves from the start of a window up to its end', () => {
    expect(judgeMoveBy(changeWindow, moveContext({ policy, now: at(22) }))).toBeUndefined();
    expect(judgeMoveBy(changeWindow, moveContext({ policy, now: at(1, 59) }))).toBeUndefined();
    expect(judgeMoveBy(changeWindow, moveContext({ policy, now: at(2) }))?.decision).toBe('throttle');
  });

  test('throttle outside, and say when the next one opens', () => {
    const verdict = judgeMoveBy(changeWindow, moveContext({ policy, now: at(12) }));
    expect(verdict).toMatchObject({ decision: 'throttle', limit: '2026-03-04T22:00:00.000Z' });
    expect(verdict?.remedy).toBe('Wait until 2026-03-04T22:00:00.000Z.');
  });

  test('show it when a plan is made, and hold its start', () => {
    for (const phase of ['create', 'approve', 'start'] as const) {
      expect(judgePlanBy(changeWindow, planContext({ phase, policy, now: at(12) })).decision).toBe(
        'throttle',
      );
    }
  });

  test('let an override pass', () => {
    const context = moveContext({ policy, now: at(12), overrides: [overrideOf(changeWindow)] });
    expect(judgeMoveBy(changeWindow, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
