import { expect, test } from 'bun:test';
import type { Plan } from './plan.ts';
import { transitionPlan } from './plan-transition.ts';

const plan: Plan = {
  id: 'p1',
  cluster: 'c',
  namespace: 'orders',
  kind: 'rebalance',
  status: 'pendingApproval',
  revision: 3,
  digest: 'sha256:aa',
  policyRevision: 1,
  snapshotDigest: 'sha256:before',
  afterSnapshotDigest: '',
  seed: 1,
  createdAt: 1,
  createdBy: 'ann',
  reason: 'hot node',
  changeTicket: 'CHG-1',
  trigger: 'manual',
  summary: {
    moves: 0,
    waves: 0,
    bytes: 0,
    shardsTouched: 0,
    shareOfShards: 0,
    before: [],
    after: [],
    violationsBefore: 0,
    violationsAfter: 0,
    toVacateBefore: 0,
    toVacateAfter: 0,
    objectiveBefore: [],
    objectiveAfter: [],
    lowerBound: 1,
    gap: 0,
    eta: { lowMs: 0, expectedMs: 0, highMs: 0 },
    evaluations: 0,
    deterministic: true,
  },
  verdicts: [],
  overrides: [],
  approval: { required: 1, excludeAuthor: true, groups: [], tier: '', automatic: false },
  approvals: [],
  expiresAt: 10,
  rollbackOf: '',
  rolledBackBy: '',
  supersededBy: '',
  startedAt: 0,
  endedAt: 0,
  progress: {
    pending: 0,
    running: 0,
    done: 0,
    failed: 0,
    aborted: 0,
    skipped: 0,
    unknown: 0,
    bytesDone: 0,
    remaining: null,
  },
  outcome: null,
};
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
