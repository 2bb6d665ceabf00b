import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { AdminState } from '../../src/gen/meshkit/rebalancer/v1/node_pb.ts';
import {
  ListNodesResponseSchema,
  type NodeView,
} from '../../src/gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { type Plan, PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { ListPlansResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { PlanKind } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import { readAudit } from '../support/audit.ts';
import { approvePlan, makePlan, readFleet, showPlan, untilStatus } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
});
afterAll(() => world[Symbol.asyncDispose]());

async function peer(id: string): Promise<NodeView> {
  const { nodes } = await world.cli.read(ListNodesResponseSchema, ['peers', 'list']);
  const view = nodes.find((each) => each.node?.id === id);
  if (!view) throw new Error(`no node ${id}`);
  return view;
}

test('a node that is cordoned keeps what it has and gets nothing new', async () => {
  const { cli } = world;
  const before = await peer('n0001');
  await cli.run(['peers', 'cordon', 'n0001', '--reason', 'a noisy disk'], { as: 'olga' });
  const cordoned = await peer('n0001');
  expect([cordoned.node?.adminState, cordoned.replicas]).toEqual([AdminState.CORDONED, before.replicas]);
  const { moves } = await makePlan(cli, ['--dry-run']);
  expect(moves.length).toBeGreaterThan(0);
  expect(moves.filter((move) => move.destination === 'n0001')).toEqual([]);
  await cli.run(['peers', 'uncordon', 'n0001']);
  expect((await peer('n0001')).node?.adminState).toBe(AdminState.ACTIVE);
  const records = await readAudit(cli, ['--subject', 'node/n0001']);
  expect(records.map((each) => [each.actor, each.reason])).toEqual([
    ['olga', 'a noisy disk'],
    ['dev-admin', ''],
  ]);
});

test('a node that is drained is vacated by a plan that people approve', async () => {
  const { cli } = world;
  await cli.run(['peers', 'drain', 'n0002', '--yes', '--reason', 'kernel upgrade'], { as: 'olga' });
  let drain: Plan | undefined;
  await waitFor('the plan that drains', 30_000, async () => {
    const { plans } = await cli.read(ListPlansResponseSchema, [
      ...['shards', 'rebalance', 'list', '--status', 'pendingApproval'],
    ]);
    drain = plans.find((each) => each.kind === PlanKind.DRAIN);
    return drain !== undefined;
  });
  if (!drain) throw new Error('no plan drains');
  const { moves } = await showPlan(cli, drain.id);
  expect(moves.filter((move) => move.destination === 'n0002')).toEqual([]);
  await approvePlan(cli, drain);
  await untilStatus(cli, drain.id, PlanStatus.COMPLETED);
  expect((await peer('n0002')).replicas).toBe(0n);
  const fleet = await readFleet(cli);
  expect(fleet.nodeStates.find((each) => each.node === 'n0002')?.replicas).toBe(0);
  expect(fleet.minHealthyReplicas).toBeGreaterThanOrEqual(2);
  await cli.run(['peers', 'uncordon', 'n0002']);
});

describe('a node that does not exist', () => {
  test.each<string[]>([['drain', '--yes'], ['cordon'], ['uncordon']])(
    'is not found by %s',
    async (verb = '', ...options) => {
      const [problem] = await world.cli.refused(['peers', verb, 'n9999', ...options], { exit: 4 });
      expect([problem?.code, problem?.subject]).toEqual(['NODE_NOT_FOUND', 'node/n9999']);
    },
  );
});
