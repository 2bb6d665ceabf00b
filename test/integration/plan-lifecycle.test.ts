import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { MoveState } from '../../src/gen/meshkit/rebalancer/v1/move_pb.ts';
import {
  type Plan,
  PlanFileSchema,
  PlanSchema,
  PlanStatus,
} from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import {
  DiffPlanResponseSchema,
  ListPlansResponseSchema,
} from '../../src/gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { PlanKind } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import { readAudit } from '../support/audit.ts';
import {
  approvePlan,
  approver,
  author,
  makePlan,
  readFleet,
  showPlan,
  untilStatus,
} from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, type World } from '../support/world.ts';

/** `mesh shards rebalance ...` against a service and a fleet that run; each test leaves no plan open. */
const rebalance = ['shards', 'rebalance'];
let world: World;
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a dry run', () => {
  test('shows what a plan would do and never executes', async () => {
    const { cli } = world;
    const dryRun = await makePlan(cli, ['--dry-run']);
    expect(dryRun.plan.status).toBe(PlanStatus.DRAFT);
    expect(dryRun.moves.length).toBe(Number(dryRun.plan.summary?.moves));
    expect(dryRun.moves.every((move) => move.reasons.length > 0)).toBe(true);
    const [problem] = await cli.refused(
      [...rebalance, 'approve', dryRun.plan.id, '--digest', dryRun.plan.digest],
      { as: approver, exit: 5 },
    );
    expect(problem?.code).toBe('PLAN_DRY_RUN');
    expect((await readFleet(cli)).executedMoves).toBe(0);
  });

  test('is kept, and shown again with the same digest', async () => {
    const { cli } = world;
    const first = await makePlan(cli, ['--dry-run']);
    expect((await showPlan(cli, first.plan.id)).plan.digest).toBe(first.plan.digest);
  });
});

describe('a plan that waits for approval', () => {
  let plan: Plan;
  beforeAll(async () => {
    ({ plan } = await makePlan(world.cli, [
      '--max-moves',
      '4',
      '--reason',
      'a hot node',
      '--ticket',
      'CHG-7',
    ]));
  });
  afterAll(() => world.cli.run([...rebalance, 'reject', plan.id, '--yes'], { as: approver }));

  test('says who made it, why, and under which ticket', () => {
    expect(plan.status).toBe(PlanStatus.PENDING_APPROVAL);
    expect([plan.createdBy, plan.reason, plan.changeTicket]).toEqual([author, 'a hot node', 'CHG-7']);
  });

  test('is listed among those that wait', async () => {
    const { cli } = world;
    const waiting = await cli.read(ListPlansResponseSchema, [
      ...rebalance,
      'list',
      '--status',
      'pendingApproval',
    ]);
    expect(waiting.plans.map((each) => each.id)).toEqual([plan.id]);
    const rejected = await cli.read(ListPlansResponseSchema, [...rebalance, 'list', '--status', 'rejected']);
    expect(rejected.plans).toEqual([]);
  });

  test('has not drifted while nothing moves', async () => {
    const diff = await world.cli.read(DiffPlanResponseSchema, [...rebalance, 'diff', plan.id]);
    expect(diff.drifted).toEqual([]);
  });

  test('lets no other plan of its namespace be made', async () => {
    const [problem] = await world.cli.refused([...rebalance, 'plan'], { as: author, exit: 5 });
    expect([problem?.code, problem?.subject]).toEqual(['PLAN_BUSY', `plan/${plan.id}`]);
  });

  test('is not approved by its author', async () => {
    const [problem] = await world.cli.refused([...rebalance, 'approve', plan.id, '--digest', plan.digest], {
      as: author,
      exit: 3,
    });
    expect(problem?.code).toBe('APPROVAL_BY_AUTHOR');
  });

  test('is not approved by another digest than its own', async () => {
    const other = `sha256:${'0'.repeat(64)}`;
    const [problem] = await world.cli.refused([...rebalance, 'approve', plan.id, '--digest', other], {
      as: approver,
      exit: 5,
    });
    expect([problem?.code, problem?.value, problem?.limit]).toEqual([
      'PLAN_DIGEST_MISMATCH',
      other,
      plan.digest,
    ]);
  });

  test('is not approved without a digest', async () => {
    const [problem] = await world.cli.refused([...rebalance, 'approve', plan.id], { as: approver, exit: 2 });
    expect([problem?.code, problem?.field]).toEqual(['FIELD_REQUIRED', '--digest']);
    expect(problem?.remedy).toContain(plan.digest);
  });

  test('is not paused, resumed or rolled back', async () => {
    for (const [verb = '', ...options] of [['pause'], ['resume'], ['rollback', '--yes']]) {
      const command = [...rebalance, verb, plan.id, ...options];
      const [problem] = await world.cli.refused(command, { as: approver, exit: 5 });
      expect(problem?.code).toBe('PLAN_STATUS');
    }
  });

  test('has recorded every refusal without changing', async () => {
    const { plan: now } = await showPlan(world.cli, plan.id);
    expect(now.status).toBe(PlanStatus.PENDING_APPROVAL);
    expect(now.approvals).toEqual([]);
    expect((await readFleet(world.cli)).moves).toEqual([]);
  });
});

describe('a plan that needs two people', () => {
  test('counts each of them once', async () => {
    await using own = await createWorld({
      policy: quickPolicy().replace('required: 1', 'required: 2'),
    });
    const { cli } = own;
    const { plan } = await makePlan(cli, ['--max-moves', '2']);
    const approve = [...rebalance, 'approve', plan.id, '--digest', plan.digest];
    const once = await cli.read(PlanSchema, approve, { as: 'bob' });
    expect([once.status, once.approvals.map((each) => each.principal)]).toEqual([
      PlanStatus.PENDING_APPROVAL,
      ['bob'],
    ]);
    const [problem] = await cli.refused(approve, { as: 'bob', exit: 5 });
    expect(problem?.code).toBe('APPROVAL_DUPLICATE');
    await cli.run(approve, { as: 'carl' });
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
  });
});

describe('a plan that is rejected', () => {
  test('never executes and gives way to the next', async () => {
    const { cli } = world;
    const { plan } = await makePlan(cli, ['--max-moves', '2']);
    await cli.run([...rebalance, 'reject', plan.id, '--yes', '--reason', 'not today'], { as: approver });
    const { plan: rejected } = await showPlan(cli, plan.id);
    expect(rejected.status).toBe(PlanStatus.REJECTED);
    const [problem] = await cli.refused([...rebalance, 'approve', plan.id, '--digest', plan.digest], {
      as: approver,
      exit: 5,
    });
    expect(problem?.code).toBe('PLAN_STATUS');
    const [record] = await readAudit(cli, ['--subject', `plan/${plan.id}`, '--action', 'plan.reject']);
    expect([record?.actor, record?.reason]).toEqual([approver, 'not today']);
  });
});

test('a plan that is withdrawn before it is approved is cancelled', async () => {
  const { cli } = world;
  const { plan } = await makePlan(cli, ['--max-moves', '2']);
  const cancelled = await cli.read(PlanSchema, [...rebalance, 'cancel', plan.id, '--yes'], { as: author });
  expect(cancelled.status).toBe(PlanStatus.CANCELLED);
});

test('an approved plan runs, and its rollback takes back exactly what it moved', async () => {
  const { cli } = world;
  await cli.run(['fleet', 'reset']);
  await cli.run(['fleet', 'export', '--out', 'before.json']);
  const { plan, moves } = await makePlan(cli, ['--max-moves', '5']);
  await approvePlan(cli, plan);
  await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
  const done = await showPlan(cli, plan.id);
  expect(done.progress.every((each) => each.state === MoveState.DONE)).toBe(true);
  expect((await readFleet(cli)).executedMoves).toBe(moves.length);

  const back = await cli.read(
    PlanFileSchema,
    [...rebalance, 'rollback', plan.id, '--yes', '--reason', 'too early'],
    {
      as: author,
    },
  );
  expect(back.plan?.kind).toBe(PlanKind.ROLLBACK);
  expect(back.plan?.rollbackOf).toBe(plan.id);
  expect(back.moves.length).toBe(moves.length);
  if (!back.plan) throw new Error('a rollback without a plan');
  await approvePlan(cli, back.plan);
  await untilStatus(cli, back.plan.id, PlanStatus.COMPLETED);
  expect((await untilStatus(cli, plan.id, PlanStatus.ROLLED_BACK)).rolledBackBy).toBe(back.plan.id);
  await cli.run(['fleet', 'export', '--out', 'after.json']);
  expect(await Bun.file(world.folder.file('after.json')).text()).toBe(
    await Bun.file(world.folder.file('before.json')).text(),
  );
});

describe('a plan that nobody made', () => {
  test.each<string[]>([
    ['show'],
    ['diff'],
    ['reject', '--yes'],
    ['cancel', '--yes'],
    ['pause'],
    ['resume'],
    ['rollback', '--yes'],
    ['watch'],
    ['approve', '--digest', `sha256:${'0'.repeat(64)}`],
  ])('is not found by %s', async (verb = '', option = '', value = '') => {
    const options = [option, value].filter((each) => each !== '');
    const [problem] = await world.cli.refused([...rebalance, verb, 'nobody', ...options], { exit: 4 });
    expect([problem?.code, problem?.subject]).toEqual(['PLAN_NOT_FOUND', 'plan/nobody']);
  });
});

describe('arguments that make no sense', () => {
  test.each([
    [['plan', '--max-share', '200%'], 2, 'FIELD_INVALID'],
    [['plan', '--max-moves', '-1'], 2, 'FIELD_INVALID'],
    [['plan', '--override', 'SHARE_OF_SHARDS'], 2, 'FIELD_INVALID'],
    [['plan', '--override', 'MIN_HEALTHY_REPLICAS=because'], 3, 'OVERRIDE_FORBIDDEN'],
    [['plan', '--policy', 'policy.yaml'], 2, 'FIELDS_CONTRADICT'],
    [['plan', '--namespace', 'nowhere'], 4, 'NAMESPACE_NOT_FOUND'],
    [['list', '--status', 'unheard-of'], 2, 'FIELD_INVALID'],
    [['watch', '--resume-token', '99999999'], 2, 'RESUME_TOKEN_INVALID'],
    [['plan', '--no-such-option'], 2, 'FIELD_UNKNOWN'],
  ] as const)('are refused: %p', async (args, exit, code) => {
    const [problem] = await world.cli.refused([...rebalance, ...args], { exit });
    expect(problem?.code).toBe(code);
  });
});
