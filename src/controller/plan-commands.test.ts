import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Plan } from '../domain/plan.ts';
import {
  applyPolicy,
  approve,
  type Bench,
  by,
  codes,
  createBench,
  killNode,
  request,
  value,
} from './rebalancer.testing.ts';
import type { PlanView } from './rebalancer.ts';

const minute = 60_000;
let bench: Bench;

/** A fleet that is unbalanced from the start, and a controller that hardly looks at it by itself. */
beforeEach(async () => {
  bench = await createBench({
    fleet: { peakToMean: 1.6 },
    policy: {
      triggers: { confirmationMs: 3_600_000 },
      approvals: { required: 2, expiresAfterMs: 30 * minute },
    },
  });
});
afterEach(() => bench.stop());

const plans = () => bench.core().plans;

async function create(change: Parameters<typeof request>[0] = {}): Promise<PlanView> {
  return value(await plans().create(request(change), by('ann')));
}

const approveAs = (plan: Plan, context: ReturnType<typeof by>) =>
  plans().approve({ id: plan.id, digest: plan.digest }, context);

describe('making a plan', () => {
  test('gives a dry run that shows moves, reasons and verdicts, and changes nothing', async () => {
    const view = await create({ dryRun: true });
    expect(view.plan.status).toBe('draft');
    expect(view.moves.length).toBeGreaterThan(0);
    expect(view.plan.verdicts.length).toBeGreaterThan(0);
    expect(view.progress.map((each) => each.state)).toEqual(view.moves.map(() => 'pending'));
    expect(await bench.livePlans()).toEqual([]);
  });

  test('takes the controller to planPending, with an event for each step', async () => {
    await create();
    expect(await bench.state()).toBe('planPending');
    expect((await bench.transitions()).slice(-1)).toEqual(['investigating>planPending']);
  });

  test('refuses a second plan and names the first', async () => {
    const { plan } = await create();
    const second = await plans().create(request(), by('bea'));
    expect(codes(second)).toEqual(['PLAN_BUSY']);
    expect(second).toMatchObject({ error: [{ subject: `plan/${plan.id}` }] });
  });

  test('of two at the same time stores one', async () => {
    const both = await Promise.all([
      plans().create(request(), by('ann')),
      plans().create(request(), by('bea')),
    ]);
    expect(both.map((each) => each.ok)).toContain(true);
    expect(both.flatMap(codes)).toEqual(['PLAN_BUSY']);
  });

  test('may follow at once when the first is withdrawn', async () => {
    const { plan } = await create();
    value(await plans().cancel({ id: plan.id, inFlight: 'finish' }, by('ann')));
    expect((await create()).plan.status).toBe('pendingApproval');
  });

  test('keeps to the smaller of the budgets of policy and request', async () => {
    const view = await create({ dryRun: true, budget: { maxMoves: 2 } });
    expect(view.moves.length).toBeLessThanOrEqual(2);
  });

  test('answers the same plan to the same idempotency key, and refuses the key for another request', async () => {
    const first = await create({ idempotencyKey: 'k1' });
    expect((await create({ idempotencyKey: 'k1' })).plan.id).toBe(first.plan.id);
    const other = await plans().create(request({ idempotencyKey: 'k1', seed: 2 }), by('ann'));
    expect(codes(other)).toEqual(['IDEMPOTENCY_KEY_REUSED']);
  });

  test('refuses unknown namespaces, shards, replicas and nodes', async () => {
    expect(codes(await plans().create(request({ namespace: 'nope' }), by('ann')))).toEqual([
      'NAMESPACE_NOT_FOUND',
    ]);
    const move = {
      kind: 'relocate' as const,
      shard: 'nope',
      replica: 0,
      successor: 0,
      destination: 'nowhere',
    };
    const moves = [move, { ...move, shard: 's000001', replica: 9 }];
    expect(codes(await plans().create(request({ moves }), by('ann')))).toEqual([
      'SHARD_NOT_FOUND',
      'NODE_NOT_FOUND',
      'SHARD_NOT_FOUND',
      'NODE_NOT_FOUND',
    ]);
  });

  test('refuses budgets and seeds that are none', async () => {
    const wrong = request({
      seed: -1,
      budget: { maxMoves: -1, maxBytes: Number.NaN, maxShareOfShards: 1.5 },
    });
    expect(codes(await plans().create(wrong, by('ann')))).toEqual(Array(4).fill('FIELD_INVALID'));
  });

  test('says how good the fleet is when a dry run may move nothing', async () => {
    const budget = { maxMoves: 0, maxShareOfShards: 0 };
    const { plan, moves } = await create({ dryRun: true, budget });
    expect(moves).toEqual([]);
    expect(plan.summary.lowerBoundBy).toBe('budget');
    expect(plan.summary.lowerBoundWithinBudget).toBeGreaterThan(plan.summary.lowerBound);
    expect(codes(await plans().create(request({ budget }), by('ann')))).toEqual(['NOTHING_TO_DO']);
  });

  test('makes exactly the moves that a person lists', async () => {
    const searched = await create({ dryRun: true });
    const [wanted] = searched.moves.filter((move) => move.kind === 'relocate');
    if (!wanted) throw new Error('the search relocates nothing');
    const { kind, shard, replica, successor, destination } = wanted;
    const view = await create({ dryRun: true, moves: [{ kind, shard, replica, successor, destination }] });
    expect(view.plan.kind).toBe('manual');
    expect(view.moves).toMatchObject([{ shard, replica, destination }]);
  });

  test('refuses anything but dry runs under mode observe', async () => {
    await applyPolicy(bench, { mode: 'observe' });
    expect(codes(await plans().create(request(), by('ann')))).toEqual(['POLICY_OBSERVES']);
    expect((await plans().create(request({ dryRun: true }), by('ann'))).ok).toBe(true);
  });

  test('names every guardrail that blocks, each with what was seen, the limit and a remedy', async () => {
    const { plan } = await create({ dryRun: true });
    await applyPolicy(bench, { benefit: { minPlanGain: 1 }, placement: { maxShareOfLoadPerNode: 0.01 } });
    const refused = await plans().create(request(), by('ann'));
    expect(plan.summary.moves).toBeGreaterThan(0);
    const problems = refused.ok ? [] : refused.error;
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) {
      expect(problem.code).toMatch(/^GUARDRAIL_|^NOTHING_TO_DO$|^PLACEMENT_INFEASIBLE$/);
      if (problem.code.startsWith('GUARDRAIL_')) {
        expect(problem.remedy).toBeTruthy();
        expect(problem.limit).toBeDefined();
        expect(problem.value).toBeDefined();
      }
    }
  });

  test('has nothing to do in a balanced fleet, while a dry run of it is fine', async () => {
    await applyPolicy(bench, { benefit: { minPlanGain: 0, minGainPerPrice: 1, pricePerMove: 1e9 } });
    expect(codes(await plans().create(request(), by('ann')))).toEqual(['NOTHING_TO_DO']);
    expect((await create({ dryRun: true })).moves).toEqual([]);
  });

  test('audits a refusal with its code', async () => {
    await plans().create(request({ namespace: 'nope' }), by('ann'));
    const records = await bench.core().audit.list({ limit: 100, action: 'plan.create' });
    expect(records.at(-1)).toMatchObject({ actor: 'ann', outcome: 'NAMESPACE_NOT_FOUND' });
  });
});

describe('overriding guardrails', () => {
  const override = { code: 'GUARDRAIL_SHARE_OF_SHARDS' as const, reason: 'the whole fleet, CHG-1' };

  test('needs the scope mesh.admin and a reason', async () => {
    const asked = request({ overrides: [override] });
    expect(codes(await plans().create(asked, by('ann')))).toEqual(['OVERRIDE_FORBIDDEN']);
    const silent = request({ overrides: [{ ...override, reason: ' ' }] });
    expect(codes(await plans().create(silent, by('root', ['mesh.operate', 'mesh.admin'])))).toEqual([
      'FIELD_REQUIRED',
    ]);
  });

  test('is never possible for the least healthy replicas', async () => {
    const overrides = [{ code: 'GUARDRAIL_MIN_HEALTHY_REPLICAS' as const, reason: 'please' }];
    const asked = await plans().create(request({ overrides }), by('root', ['mesh.admin']));
    expect(codes(asked)).toEqual(['OVERRIDE_FORBIDDEN']);
  });

  test('lifts the budget for this plan, and is audited', async () => {
    await applyPolicy(bench, { budget: { maxShareOfShards: 0.02 } });
    const root = by('root', ['mesh.operate', 'mesh.admin']);
    const tight = value(await plans().create(request({ dryRun: true }), root));
    expect(tight.plan.summary.shareOfShards).toBeLessThanOrEqual(0.02);
    const forced = value(await plans().create(request({ overrides: [override] }), root));
    expect(forced.plan.summary.shareOfShards).toBeGreaterThan(0.02);
    expect(forced.plan.overrides).toEqual([{ ...override, by: 'root' }]);
    const verdict = forced.plan.verdicts.find((each) => each.code === override.code);
    expect(verdict).toMatchObject({ decision: 'allow', overriddenBy: 'root' });
    const records = await bench.core().audit.list({ limit: 100, subject: `plan/${forced.plan.id}` });
    expect(records[0]?.details.overrides).toContain(override.code);
  });
});

describe('approving a plan', () => {
  test('needs as many distinct principals as policy asks for', async () => {
    const { plan } = await create();
    const once = await approve(bench, plan, 'bea');
    expect(once).toMatchObject({ status: 'pendingApproval', approvals: [{ principal: 'bea' }] });
    expect(codes(await approveAs(plan, by('bea')))).toEqual(['APPROVAL_DUPLICATE']);
    expect((await approve(bench, plan, 'cem')).status).toBe('approved');
    await bench.reach('executing', minute);
  });

  test('is not for its author', async () => {
    const { plan } = await create();
    expect(codes(await approveAs(plan, by('ann')))).toEqual(['APPROVAL_BY_AUTHOR']);
  });

  test('is only for the groups that policy names', async () => {
    await applyPolicy(bench, { approvals: { required: 1, groups: ['sre'] } });
    const { plan } = await create();
    expect(codes(await approveAs(plan, by('bea')))).toEqual(['APPROVAL_GROUP']);
    expect((await approveAs(plan, by('bea', ['mesh.operate'], ['sre']))).ok).toBe(true);
  });

  test('binds to the digest', async () => {
    const { plan } = await create();
    const other = { id: plan.id, digest: 'sha256:0' };
    expect(codes(await plans().approve(other, by('bea')))).toEqual(['PLAN_DIGEST_MISMATCH']);
  });

  test('refuses an older revision, an unknown plan and a dry run', async () => {
    const { plan } = await create();
    await approve(bench, plan, 'bea');
    const stale = { id: plan.id, digest: plan.digest, revision: plan.revision };
    expect(codes(await plans().approve(stale, by('cem')))).toEqual(['PLAN_STALE']);
    expect(codes(await plans().approve({ id: 'nope', digest: '' }, by('cem')))).toEqual(['PLAN_NOT_FOUND']);
    const draft = (await create({ dryRun: true })).plan;
    expect(codes(await approveAs(draft, by('cem')))).toEqual(['PLAN_DRY_RUN']);
  });

  test('comes too late when the plan has expired, and the controller looks anew', async () => {
    const { plan } = await create();
    await bench.clock.advance(31 * minute);
    expect(codes(await approveAs(plan, by('bea')))).toEqual(['PLAN_EXPIRED']);
    expect((await bench.plan(plan.id)).status).toBe('expired');
    expect(await bench.transitions()).toContain('planPending>investigating');
  });

  test('is refused with the difference when the world changed, and the plan is superseded', async () => {
    await applyPolicy(bench, { approvals: { required: 1 }, triggers: { evaluationIntervalMs: minute } });
    await bench.clock.advance(minute);
    const { plan, moves } = await create();
    const [move] = moves;
    if (!move) throw new Error('the plan has no moves');
    await bench.clock.advance(1_000);
    killNode(bench, move.destination);
    await bench.clock.advance(2_000);
    const refused = await approveAs(plan, by('bea'));
    expect(new Set(codes(refused))).toEqual(new Set(['PLAN_DRIFTED']));
    for (const { value: actual, limit } of refused.ok ? [] : refused.error) expect(actual).not.toBe(limit);
    const { drifted } = value(await plans().diff(plan.id));
    expect(drifted.map((each) => each.moveId)).toContain(move.id);
    await bench.clock.advance(minute);
    expect((await bench.plan(plan.id)).status).toBe('superseded');
  });

  test('is refused when the policy changed meanwhile', async () => {
    const { plan } = await create();
    await applyPolicy(bench, { approvals: { required: 2 }, benefit: { minPlanGain: 0.02 } });
    await bench.clock.advance(1_000);
    expect((await bench.plan(plan.id)).status).toBe('superseded');
    expect(codes(await approveAs(plan, by('bea')))).toEqual(['PLAN_STATUS']);
  });

  test('asks more of a larger plan', async () => {
    const tiers = [{ name: 'large', aboveMoves: 1, required: 3, groups: ['leads'] }];
    await applyPolicy(bench, { approvals: { required: 1, tiers } });
    const { plan } = await create();
    expect(plan.approval).toMatchObject({ required: 3, groups: ['leads'], tier: 'large', automatic: false });
  });

  test('is nobody’s business where policy asks for none', async () => {
    await applyPolicy(bench, { approvals: { required: 0, excludeAuthor: false } });
    expect((await create()).plan.status).toBe('approved');
  });
});

describe('ending a plan', () => {
  test('by rejection makes the controller steady, with a back-off', async () => {
    const { plan } = await create();
    const rejected = value(await plans().reject({ id: plan.id }, by('bea')));
    expect(rejected.status).toBe('rejected');
    await bench.reach('steady', minute);
  });

  test('is refused once it has ended, for every command', async () => {
    const { plan } = await create();
    value(await plans().cancel({ id: plan.id, inFlight: 'finish' }, by('ann')));
    const { id } = plan;
    expect(codes(await plans().cancel({ id, inFlight: 'finish' }, by('ann')))).toEqual(['PLAN_STATUS']);
    expect(codes(await plans().reject({ id }, by('bea')))).toEqual(['PLAN_STATUS']);
    expect(codes(await plans().pause({ id }, by('bea')))).toEqual(['PLAN_STATUS']);
    expect(codes(await plans().resume({ id }, by('bea')))).toEqual(['PLAN_STATUS']);
    expect(codes(await approveAs(plan, by('bea')))).toEqual(['PLAN_STATUS']);
    expect(codes(await plans().rollback({ id, dryRun: false, overrides: [] }, by('ann')))).toEqual([
      'PLAN_NOT_REVERSIBLE',
    ]);
  });

  test('that runs pauses, resumes and cancels it', async () => {
    await applyPolicy(bench, { approvals: { required: 1 }, concurrency: { namespace: 1 } });
    const { plan } = await create();
    await approve(bench, plan);
    await bench.reach('executing', minute);
    await bench.clock.advance(1_000);
    const { id } = plan;
    expect(value(await plans().pause({ id }, by('bea'))).status).toBe('paused');
    await bench.clock.advance(10_000);
    expect(value(await plans().resume({ id }, by('bea'))).status).toBe('executing');
    value(await plans().cancel({ id, inFlight: 'finish' }, by('bea')));
    await bench.reach('failed', 5 * minute);
    expect((await bench.plan(id)).status).toBe('cancelled');
  });
});

test('a completed plan is rolled back by a plan of its own', async () => {
  await applyPolicy(bench, { approvals: { required: 1 } });
  const { plan } = await create();
  await approve(bench, plan);
  await bench.reach('completed', 20 * minute);
  const asked = { id: plan.id, dryRun: false, overrides: [] };
  const back = value(await plans().rollback(asked, by('ann')));
  expect(back.plan).toMatchObject({ kind: 'rollback', rollbackOf: plan.id, status: 'pendingApproval' });
  await approve(bench, back.plan);
  await bench.reach('executing', minute);
  expect((await bench.plan(plan.id)).status).toBe('rollingBack');
  await bench.reach('completed', 20 * minute);
  const original = await bench.plan(plan.id);
  expect(original).toMatchObject({ status: 'rolledBack', rolledBackBy: back.plan.id });
});
