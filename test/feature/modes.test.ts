import { expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { PlanKind } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import { briskSpec, sensitiveTriggers, unevenFleet } from './brisk-policy.ts';
import { patienceMs, startFlow } from './flow.ts';

test('mode observe makes dry runs on its schedule, also when nobody asks, and moves nothing', async () => {
  const everySecond = { cron: '* * * * * *', timeZone: 'Europe/Vienna' };
  const policy = briskSpec({ mode: 'observe', schedule: everySecond });
  await using flow = await startFlow({ fleet: unevenFleet(), policy });
  await waitFor('two scheduled dry runs', patienceMs, async () => (await flow.plans()).length >= 2);

  const plans = await flow.plans();
  expect(new Set(plans.map((plan) => plan.status))).toEqual(new Set([PlanStatus.DRAFT]));
  expect(plans[0]?.createdBy).toBe('meshkit-rebalancer');
  expect((await flow.fleet()).executedMoves).toBe(0);
  const refused = await flow.cli.refused(['shards', 'rebalance', 'plan'], { as: 'ann', exit: 5 });
  expect(refused[0]?.code).toBe('POLICY_OBSERVES');
});

test('mode propose makes a plan by itself when the fleet is uneven, and waits for people', async () => {
  const policy = briskSpec({ mode: 'propose', triggers: sensitiveTriggers });
  await using flow = await startFlow({ fleet: unevenFleet(), policy });
  const plan = await flow.planAppears(PlanKind.REBALANCE);
  expect(plan.status).toBe(PlanStatus.PENDING_APPROVAL);
  expect(plan.createdBy).toBe('meshkit-rebalancer');
  expect(plan.approval?.required).toBe(1);
  for (let look = 0; look < 3; look++) await flow.cli.run(['controllers', 'evaluate']);
  expect((await flow.plan(plan.id)).status).toBe(PlanStatus.PENDING_APPROVAL);
  expect((await flow.fleet()).executedMoves).toBe(0);
});

test('mode automatic balances a fleet without anybody, and is content afterwards', async () => {
  const approvals = { required: 1, excludeAuthor: true, tiers: [], automatic: ['rebalance'] };
  const policy = briskSpec({ mode: 'automatic', approvals, triggers: sensitiveTriggers });
  await using flow = await startFlow({ fleet: unevenFleet(), policy });
  const plan = await flow.planAppears(PlanKind.REBALANCE);
  const completed = await flow.planReaches(plan.id, PlanStatus.COMPLETED);
  expect(completed.approvals).toEqual([]);
  await waitFor(
    'the controller to see a balanced fleet',
    patienceMs,
    async () => (await flow.controller()).peakToMean < sensitiveTriggers.peakToMean.enter,
  );
  const trail = await flow.auditOf(`plan/${plan.id}`);
  expect(trail.find((record) => record.action === 'plan.approve')?.actor).toBe('meshkit-rebalancer');
});
