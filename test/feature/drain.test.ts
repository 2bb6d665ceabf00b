import { expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { PlanKind } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import { briskSpec, unevenFleet } from './brisk-policy.ts';
import { type Flow, patienceMs, startFlow } from './flow.ts';

const ended = [PlanStatus.COMPLETED, PlanStatus.SUPERSEDED];

test('a drained node is vacated without being asked again, and a cordoned one gets nothing of it', async () => {
  await using flow = await startFlow({
    namespace: 'sessions',
    fleet: unevenFleet(300),
    policy: 'sessions.yaml',
  });
  const { cli } = flow;
  await cli.run(['peers', 'cordon', 'n0005', '--reason', 'its disk is being looked at'], { as: 'ann' });
  const before = await replicasOn(flow, 'n0005');
  await cli.run(['peers', 'drain', 'n0003', '--yes', '--reason', 'kernel upgrade'], { as: 'ann' });

  await waitFor('the node to be vacated', patienceMs, async () => (await replicasOn(flow, 'n0003')) === 0);
  await waitFor('the last plan to end', patienceMs, async () =>
    (await flow.plans()).every((plan) => ended.includes(plan.status)),
  );

  const plans = await flow.plans();
  expect(new Set(plans.map((plan) => plan.kind))).toEqual(new Set([PlanKind.DRAIN]));
  const files = await Promise.all(plans.map((plan) => flow.planFile(plan.id)));
  const moves = files.flatMap((file) => file.moves);
  expect(new Set(moves.map((move) => move.source))).toContain('n0003');
  expect(moves.map((move) => move.destination)).not.toContain('n0005');
  expect(await replicasOn(flow, 'n0005')).toBe(before);
  const stats = await flow.fleet();
  expect(stats.minHealthyReplicas).toBeGreaterThanOrEqual(2);
  expect(stats.overCommits).toBe(0);
});

test('a drain that is taken back leaves the node its replicas, and it takes new ones', async () => {
  // Here people approve drains, so that there is time to think again.
  await using flow = await startFlow({ fleet: unevenFleet(), policy: briskSpec() });
  // The coldest node: whatever evens out the fleet sends something there.
  const node = await coldestNode(flow);
  const before = await replicasOn(flow, node);
  await flow.cli.run(['peers', 'drain', node, '--yes'], { as: 'ann' });
  const plan = await flow.planAppears(PlanKind.DRAIN);
  expect(plan.status).toBe(PlanStatus.PENDING_APPROVAL);
  expect(plan.summary?.toVacateAfter).toBe(0n);
  await flow.cli.run(['peers', 'uncordon', node, '--reason', 'not today'], { as: 'ann' });
  await flow.planReaches(plan.id, PlanStatus.SUPERSEDED);

  expect(await replicasOn(flow, node)).toBe(before);
  const { moves } = await flow.planFile((await flow.makePlan('--dry-run')).id);
  expect(moves.length).toBeGreaterThan(0);
  expect(moves.some((move) => move.destination === node)).toBe(true);
});

async function coldestNode(flow: Flow): Promise<string> {
  const { nodeStates } = await flow.fleet();
  const [coldest] = [...nodeStates].sort((left, right) => left.utilization - right.utilization);
  return coldest?.node ?? '';
}

/** By the fleet's own count. */
async function replicasOn(flow: Flow, node: string): Promise<number> {
  const { nodeStates } = await flow.fleet();
  return Number(nodeStates.find((each) => each.node === node)?.replicas ?? -1);
}
