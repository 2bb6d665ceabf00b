import { expect, test } from 'bun:test';
import { samplePlan } from '../ports/store-samples.testing.ts';
import type { Plan } from './plan.ts';
import { transitionPlan } from './plan-transition.ts';

const plan = samplePlan('p1', { revision: 3, digest: 'sha256:aa', createdAt: 1, expiresAt: 10 });
const request = {
  by: 'operator',
  principal: 'bob',
  at: 5,
  action: 'plan.reject',
  reason: 'too late',
  transport: 'grpc/h2',
} as const;

test('a legal transition gives the changed header with its audit record and event', () => {
  const result = transitionPlan(plan, { ...request, to: 'rejected', change: { endedAt: 5 } });
  if (!result.ok) throw new Error(result.error.message);
  expect(result.value.plan).toMatchObject({
    status: 'rejected',
    revision: 4,
    endedAt: 5,
    digest: 'sha256:aa',
  });
  expect(result.value.audit).toMatchObject({
    actor: 'bob',
    action: 'plan.reject',
    subject: 'plan/p1',
    changeTicket: 'CHG-1',
    outcome: 'ok',
    details: { from: 'pendingApproval', to: 'rejected', digest: 'sha256:aa' },
  });
  expect(result.value.event).toMatchObject({
    type: 'planStatusChanged',
    data: { to: 'rejected', revision: 4 },
  });
});

test('an illegal one names the statuses from which it would be possible', () => {
  expect(transitionPlan(plan, { ...request, to: 'completed', by: 'controller' })).toMatchObject({
    ok: false,
    error: { code: 'PLAN_STATUS', value: 'pendingApproval', limit: 'executing', subject: 'plan/p1' },
  });
});

test('an operator cannot do what only the controller may', () => {
  const approved: Plan = { ...plan, status: 'approved' };
  expect(transitionPlan(approved, { ...request, to: 'executing' }).ok).toBe(false);
});
