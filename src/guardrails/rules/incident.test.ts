import { describe, expect, test } from 'bun:test';
import {
  judgeMoveBy,
  judgePlanBy,
  moveContext,
  overrideOf,
  planContext,
  testIncident,
  testMove,
  testPolicy,
} from '../guardrail.testing.ts';
import { incident } from './incident.ts';

const policy = testPolicy({
  incidents: { throttleFrom: 'warning', haltFrom: 'critical', throttledConcurrency: 1 },
});
const info = testIncident({ severity: 'info' });
const warning = testIncident();
const critical = testIncident({ id: 'i2', severity: 'critical' });
const running = [testMove({ id: 'm00002', shard: 's4', source: 'n3', destination: 'n6' })];

describe('open incidents', () => {
  test('do not concern moves below the severity that throttles, nor when they are closed', () => {
    expect(judgeMoveBy(incident, moveContext({ policy }))).toBeUndefined();
    expect(
      judgeMoveBy(incident, moveContext({ policy, incidents: [info], inFlight: running })),
    ).toBeUndefined();
    const closed = testIncident({ severity: 'critical', closedAt: 1 });
    expect(judgeMoveBy(incident, moveContext({ policy, incidents: [closed] }))).toBeUndefined();
    expect(judgePlanBy(incident, planContext({ policy, incidents: [info] })).decision).toBe('allow');
  });

  test('concern the namespace that they name, or all when they name none', () => {
    const judge = (namespace: string) =>
      judgeMoveBy(incident, moveContext({ policy, incidents: [{ ...critical, namespace }] }))?.decision;
    expect([judge(''), judge('orders'), judge('payments')]).toEqual(['block', 'block', undefined]);
  });

  test('throttle moves to the lowered concurrency', () => {
    expect(judgeMoveBy(incident, moveContext({ policy, incidents: [warning] }))).toBeUndefined();
    const verdict = judgeMoveBy(incident, moveContext({ policy, incidents: [warning], inFlight: running }));
    expect(verdict).toMatchObject({ decision: 'throttle', observed: 1, limit: 1, subject: 'incident/i1' });
  });

  test('halt moves from the severity that halts; the worst incident counts', () => {
    const verdict = judgeMoveBy(incident, moveContext({ policy, incidents: [info, warning, critical] }));
    expect(verdict).toMatchObject({ decision: 'block', observed: 'critical', subject: 'incident/i2' });
    expect(verdict?.message).toContain('no move starts');
  });

  test('let plans be made and approved meanwhile', () => {
    for (const phase of ['create', 'approve'] as const) {
      expect(judgePlanBy(incident, planContext({ policy, phase, incidents: [critical] })).decision).toBe(
        'throttle',
      );
    }
  });

  test('keep a plan from starting under a halt, not under a throttle', () => {
    const start = { policy, phase: 'start' } as const;
    expect(judgePlanBy(incident, planContext({ ...start, incidents: [critical] })).decision).toBe('block');
    const slowed = judgePlanBy(incident, planContext({ ...start, incidents: [warning] }));
    expect(slowed.decision).toBe('allow');
    expect(slowed.message).toContain('at most 1 move runs');
  });

  test('never concern moves where policy says never', () => {
    const never = testPolicy({ incidents: { throttleFrom: 'never', haltFrom: 'never' } });
    expect(
      judgeMoveBy(incident, moveContext({ policy: never, incidents: [critical], inFlight: running })),
    ).toBeUndefined();
  });

  test('let an override pass', () => {
    const context = moveContext({ policy, incidents: [critical], overrides: [overrideOf(incident)] });
    expect(judgeMoveBy(incident, context)).toMatchObject({ decision: 'allow', overriddenBy: 'ada' });
  });
});
