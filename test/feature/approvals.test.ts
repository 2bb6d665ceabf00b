import { expect, test } from 'bun:test';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { briskSpec, unevenFleet } from './brisk-policy.ts';
import { startFlow } from './flow.ts';

const tiers = [
  { name: 'medium', aboveMoves: 2, required: 1 },
  { name: 'large', aboveMoves: 8, required: 2, groups: ['operations'] },
];
const policy = briskSpec({ approvals: { required: 1, excludeAuthor: true, tiers } });

test('a small plan needs one other person, a large one two of the group that its tier names', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy });
  const small = await flow.makePlan('--max-moves', '4');
  expect(small.approval).toMatchObject({ required: 1, tier: 'medium', groups: [] });
  await flow.cli.run(['shards', 'rebalance', 'cancel', small.id, '--yes'], { as: 'ann' });

  const large = await flow.makePlan();
  expect(large.summary?.moves).toBeGreaterThan(8n);
  expect(large.approval).toMatchObject({ required: 2, tier: 'large', groups: ['operations'] });
  const outsider = await flow.refusedApproval(large, 'bob;groups=sales', 3);
  expect(outsider[0]).toMatchObject({ code: 'APPROVAL_GROUP', limit: 'operations' });

  await flow.approve(large, 'carl;groups=operations');
  expect((await flow.plan(large.id)).status).toBe(PlanStatus.PENDING_APPROVAL);
  const twice = await flow.refusedApproval(large, 'carl;groups=operations', 5);
  expect(twice[0]?.code).toBe('APPROVAL_DUPLICATE');
  expect((await flow.fleet()).executedMoves).toBe(0);

  await flow.approve(large, 'dora;groups=operations,sales', '--wait', '--quiet');
  const completed = await flow.plan(large.id);
  expect(completed.approvals.map((each) => each.principal)).toEqual(['carl', 'dora']);
  expect(new Set(completed.approvals.map((each) => each.digest))).toEqual(new Set([large.digest]));
});

test('a plan that was made under an older policy cannot be approved under the new one', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy });
  const plan = await flow.makePlan('--max-moves', '2');
  await flow.applyPolicy(briskSpec({ concurrency: { namespace: 2 } }));
  const [problem] = await flow.refusedApproval(plan, 'bob', 5);
  expect(['PLAN_DRIFTED', 'PLAN_STATUS']).toContain(problem?.code ?? '');
  expect((await flow.fleet()).executedMoves).toBe(0);
});
