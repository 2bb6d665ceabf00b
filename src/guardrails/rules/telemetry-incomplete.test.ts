import { describe, expect, test } from 'bun:test';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testNow,
  testPolicy,
  testSnapshot,
} from '../guardrail.testing.ts';
import { telemetryIncomplete } from './telemetry-incomplete.ts';

const policy = testPolicy({ telemetry: { minCompleteness: 0.9 } });
const covering = (completeness: number) =>
  testSnapshot({
    quality: {
      completeness,
      stalenessMs: 0,
      sources: [
        { source: 'loads', newestAt: testNow, coverage: completeness },
        { source: 'peers', newestAt: testNow, coverage: 1 },
      ],
    },
  });

describe('complete telemetry', () => {
  test('allows exactly the completeness that policy asks for', () => {
    const verdict = judgePlanBy(telemetryIncomplete, planContext({ policy, snapshot: covering(0.9) }));
    expect(verdict).toMatchObject({ decision: 'allow', observed: 0.9, limit: 0.9 });
  });

  test('makes no plan from less, and names the source that covers least', () => {
    const verdict = judgePlanBy(telemetryIncomplete, planContext({ policy, snapshot: covering(0.89) }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 0.89, subject: 'source/loads' });
    expect(verdict.message).toContain('loads covers 89%');
  });

  test('lets the start of a plan and its moves wait', () => {
    const snapshot = covering(0.5);
    expect(judgePlanBy(telemetryIncomplete, planContext({ policy, snapshot, phase: 'start' })).decision).toBe(
      'throttle',
    );
    expect(judgeMoveBy(telemetryIncomplete, moveContext({ policy, snapshot }))?.decision).toBe('throttle');
  });

  test('lets an override pass', () => {
    const overrides = [overrideOf(telemetryIncomplete)];
    const verdict = judgePlanBy(
      telemetryIncomplete,
      planContext({ policy, snapshot: covering(0.5), overrides }),
    );
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
