import { afterEach, describe, expect, test } from 'bun:test';
import {
  applyPolicy,
  approve,
  type Bench,
  by,
  codes,
  createBench,
  killNode,
  namespace,
  request,
  value,
} from './rebalancer.testing.ts';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const patient = { triggers: { confirmationMs: 3_600_000 } };

async function pendingPlan() {
  return value(await bench.core().plans.create(request(), by('ann'))).plan;
}

describe('a pending plan', () => {
  test('that only balances gives way when a node must be vacated', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: patient });
    const plan = await pendingPlan();
    value(await bench.core().nodes.setAdminState({ node: 'n0007', adminState: 'draining' }, by('ann')));
    await bench.clock.advance(2_000);
    expect(await bench.plan(plan.id)).toMatchObject({
      status: 'superseded',
      outcome: { code: 'PLAN_OUTRANKED' },
    });
    const live = await bench.livePlans();
    expect(live.map((each) => each.kind)).toEqual(['rebalance', 'drain']);
  });

  test('that drains is withdrawn when the drain is', async () => {
    bench = await createBench({ policy: patient });
    const { nodes } = bench.core();
    value(await nodes.setAdminState({ node: 'n0007', adminState: 'draining' }, by('ann')));
    await bench.reach('planPending', minute);
    value(await nodes.setAdminState({ node: 'n0007', adminState: 'active' }, by('ann')));
    await bench.reach('steady', minute);
    const live = await bench.livePlans();
    expect(live.map((each) => [each.kind, each.status])).toEqual([['drain', 'superseded']]);
    expect(live[0]?.outcome?.message).toBe('no node must be vacated any more');
  });

  test('that drains gives way when a node dies', async () => {
    bench = await createBench({ policy: patient });
    value(await bench.core().nodes.setAdminState({ node: 'n0007', adminState: 'draining' }, by('ann')));
    await bench.reach('planPending', minute);
    killNode(bench, 'n0003');
    await bench.clock.advance(minute);
    const live = await bench.livePlans();
    expect(live.map((each) => [each.kind, each.status])).toEqual([
      ['drain', 'superseded'],
      ['restore', 'pendingApproval'],
    ]);
  });
});

describe('an approved plan', () => {
  const frozen = (from: number) => ({
    freezes: [{ from, until: from + 10 * minute, reason: 'the holidays' }],
  });

  test('waits for the end of a freeze, says so, and starts then', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: patient });
    await applyPolicy(bench, { changeControl: frozen(bench.clock.now()) });
    const plan = await pendingPlan();
    expect((await approve(bench, plan)).status).toBe('approved');
    await bench.clock.advance(minute);
    const { record, verdicts } = value(await bench.core().controllers.get(namespace));
    expect(record).toMatchObject({ state: 'planPending', diagnosis: { code: 'GUARDRAIL_FREEZE' } });
    expect(verdicts.map((each) => each.code)).toContain('GUARDRAIL_FREEZE');
    await bench.reach('executing', 10 * minute);
    expect((await bench.plan(plan.id)).approvals).toHaveLength(1);
  });

  test('expires when it cannot start in time', async () => {
    bench = await createBench({
      fleet: { peakToMean: 1.6 },
      policy: { ...patient, approvals: { expiresAfterMs: 2 * minute } },
    });
    await applyPolicy(bench, { changeControl: frozen(bench.clock.now()) });
    const plan = await pendingPlan();
    await approve(bench, plan);
    await bench.clock.advance(3 * minute);
    const expired = await bench.plan(plan.id);
    expect(expired).toMatchObject({ status: 'expired', outcome: { code: 'PLAN_EXPIRED' }, startedAt: 0 });
    expect(await bench.store.journal(plan.id)).toEqual([]);
  });

  test('can be withdrawn before its first move', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: patient });
    await applyPolicy(bench, { changeControl: frozen(bench.clock.now()) });
    const plan = await pendingPlan();
    await approve(bench, plan);
    await bench.clock.advance(minute);
    value(await bench.core().plans.cancel({ id: plan.id, inFlight: 'abort' }, by('bea')));
    await bench.reach('steady', minute);
    expect(await bench.store.journal(plan.id)).toEqual([]);
  });
});

describe('a change ticket', () => {
  const ticketed = { changeControl: { ticketRequired: true, ticketPattern: 'CHG-\\d+' } };

  test('is given with the approval at the latest', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: { ...patient, ...ticketed } });
    const plan = await pendingPlan();
    const target = { id: plan.id, digest: plan.digest };
    expect(codes(await bench.core().plans.approve(target, by('bea')))).toEqual(['GUARDRAIL_CHANGE_TICKET']);
    const withTicket = { ...by('bea'), changeTicket: 'CHG-42' };
    const approved = value(await bench.core().plans.approve(target, withTicket));
    expect(approved).toMatchObject({ status: 'approved', changeTicket: 'CHG-42' });
  });
});
