import { expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { DiffPlanResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { approver, makePlan, readFleet, untilStatus } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld } from '../support/world.ts';

test('a plan whose world has changed shows the difference and moves nothing', async () => {
  await using world = await createWorld({ policy: quickPolicy() });
  const { cli } = world;
  const { plan, moves } = await makePlan(cli);
  // When a node dies, followers take over from the leaders that it had: their shards have new versions.
  const victim = moves[0]?.source ?? '';
  await cli.run(['fleet', 'kill', victim]);
  const diff = ['shards', 'rebalance', 'diff', plan.id];
  await waitFor('the world to differ', 30_000, async () => (await cli.answer(diff)).code === 5);
  const { drifted } = await cli.read(DiffPlanResponseSchema, diff, { exit: 5 });
  expect(drifted.length).toBeGreaterThan(0);
  expect(drifted.filter((each) => each.expected === each.actual)).toEqual([]);
  const approve = ['shards', 'rebalance', 'approve', plan.id, '--digest', plan.digest];
  const [problem] = await cli.refused(approve, { as: approver, exit: 5 });
  // The second where the controller has withdrawn it already.
  expect(['PLAN_DRIFTED', 'PLAN_STATUS']).toContain(problem?.code ?? '');
  const { outcome } = await untilStatus(cli, plan.id, PlanStatus.SUPERSEDED);
  // Or because what the dead node held must be restored first, whichever the controller sees first.
  expect(['PLAN_DRIFTED', 'PLAN_OUTRANKED']).toContain(outcome?.code ?? '');
  expect((await readFleet(cli)).executedMoves).toBe(0);
});
