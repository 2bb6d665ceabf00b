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
import { telemetryStale } from './telemetry-stale.ts';

const policy = testPolicy({ telemetry: { maxAgeMs: 30_000 } });
const snapshot = testSnapshot({
  takenAt: testNow - 10_000,
  quality: {
    completeness: 1,
    stalenessMs: 20_000,
    sources: [
      { source: 'shards', newestAt: testNow - 10_000, coverage: 1 },
      { source: 'loads', newestAt: testNow - 30_000, coverage: 1 },
    ],
  },
});

describe('fresh telemetry', () => {
  test('allows telemetry of exactly the age that policy allows: the snapshot plus its slowest source', () => {
    expect(judgePlanBy(telemetryStale, planContext({ policy, snapshot }))).toMatchObject({
      decision: 'allow',
      observed: 30_000,
      limit: 30_000,
    });
  });

  test('makes no plan a millisecond later, and names the source that is behind since when', () => {
    const verdict = judgePlanBy(telemetryStale, planContext({ policy, snapshot, now: testNow + 1 }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 30_001, subject: 'source/loads' });
    expect(verdict.message).toContain(`loads is behind since ${new Date(testNow - 30_000).toISOString()}`);
  });

  test('lets the start of a plan and its moves wait', () => {
    const late = { policy, snapshot, now: testNow + 1 };
    expect(judgePlanBy(telemetryStale, planContext({ ...late, phase: 'start' })).decision).toBe('throttle');
    expect(judgeMoveBy(telemetryStale, moveContext(late))?.decision).toBe('throttle');
    expect(judgeMoveBy(telemetryStale, moveContext({ policy, snapshot }))).toBeUndefined();
  });

  test('names a source that never delivered', () => {
    const silent = testSnapshot({
      quality: {
        completeness: 1,
        stalenessMs: 60_000,
        sources: [
          { source: 'loads', newestAt: testNow, coverage: 1 },
          { source: 'peers', newestAt: 0, coverage: 0 },
        ],
      },
    });
    const verdict = judgePlanBy(telemetryStale, planContext({ policy, snapshot: silent }));
    expect(verdict.subject).toBe('source/peers');
    expect(verdict.message).toContain('delivered nothing');
  });

  test('lets an override pass', () => {
    const context = planContext({
      policy,
      snapshot,
      now: testNow + 1,
      overrides: [overrideOf(telemetryStale)],
    });
    expect(judgePlanBy(telemetryStale, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
