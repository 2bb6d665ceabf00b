import { expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { PlanKind } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import { unevenFleet } from './brisk-policy.ts';
import { patienceMs, startFlow } from './flow.ts';

test('what a dead node held is restored without anybody being asked', async () => {
  await using flow = await startFlow({
    namespace: 'sessions',
    fleet: unevenFleet(300),
    policy: 'sessions.yaml',
  });
  await flow.cli.run(['fleet', 'kill', 'n0006']);
  expect((await flow.fleet()).aliveNodes).toBe(11);

  const first = await flow.planAppears(PlanKind.RESTORE);
  expect(first.approval?.automatic).toBe(true);
  expect(first.createdBy).toBe('meshkit-rebalancer');
  await waitFor('every replica to be on a node that lives', patienceMs, async () => {
    const { nodeStates } = await flow.fleet();
    return nodeStates.every((node) => node.alive || node.replicas === 0);
  });
  await waitFor('the last plan to end', patienceMs, async () =>
    (await flow.plans()).every((plan) => plan.status === PlanStatus.COMPLETED),
  );

  await flow.cli.run(['fleet', 'reset']);
  const restored = await flow.fleet();
  expect(restored.minAliveReplicas).toBe(3);
  const records = await flow.auditOf(`plan/${first.id}`);
  expect(records.map((record) => record.actor)).toEqual(records.map(() => 'meshkit-rebalancer'));
  await flow.cli.run(['audit', 'verify']);
});

test('when too many nodes die at once nothing moves, and an incident says why', async () => {
  await using flow = await startFlow({
    namespace: 'sessions',
    fleet: unevenFleet(300),
    policy: 'sessions.yaml',
  });
  // Five of twelve is above the policy's third. Sources go silent at once, so that no plan is between the deaths.
  await flow.cli.run(['incidents', 'open', 'power of a rack', '--severity', 'critical'], { as: 'ann' });
  for (const node of ['n0000', 'n0003', 'n0004', 'n0007', 'n0008'])
    await flow.cli.run(['fleet', 'kill', node]);
  await waitFor('the service to detect it', patienceMs, async () =>
    (await flow.cli.run(['incidents', 'list'])).includes('detected'),
  ).catch(() => {});
  const incidents = await flow.cli.run(['incidents', 'list', '-o', 'json']);
  expect(incidents).toContain('"source": "detected"');
  expect((await flow.fleet()).executedMoves).toBe(0);
  expect((await flow.controller()).diagnosis?.code).toBe('GUARDRAIL_MASS_FAILURE');
});
