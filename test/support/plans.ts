import { waitFor } from '../../scripts/support/wait-for.ts';
import { ListControllersResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import {
  type Plan,
  type PlanFile,
  PlanFileSchema,
  type PlanStatus,
} from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import {
  type GetFleetResponse,
  GetFleetResponseSchema,
} from '../../src/gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import type { Cli } from './cli.ts';
import { namespace } from './world.ts';

/** `mesh shards rebalance ...` as most tests use it: ann makes plans, bob approves them. */

export const author = 'ann';
export const approver = 'bob';

export async function makePlan(cli: Cli, args: readonly string[] = []): Promise<PlanFile & { plan: Plan }> {
  return withPlan(await cli.read(PlanFileSchema, ['shards', 'rebalance', 'plan', ...args], { as: author }));
}

export async function showPlan(cli: Cli, id: string): Promise<PlanFile & { plan: Plan }> {
  return withPlan(await cli.read(PlanFileSchema, ['shards', 'rebalance', 'show', id]));
}

export async function approvePlan(cli: Cli, plan: Plan): Promise<void> {
  await cli.run(['shards', 'rebalance', 'approve', plan.id, '--digest', plan.digest], { as: approver });
}

export async function untilStatus(cli: Cli, id: string, status: PlanStatus, limitMs = 60_000): Promise<Plan> {
  let plan: Plan | undefined;
  await waitFor(`plan ${id} to be in status ${status}`, limitMs, async () => {
    ({ plan } = await showPlan(cli, id));
    return plan.status === status;
  });
  if (!plan) throw new Error(`plan ${id} was never read`);
  return plan;
}

export function readFleet(cli: Cli): Promise<GetFleetResponse> {
  return cli.read(GetFleetResponseSchema, ['fleet', 'stats', '--nodes']);
}

/** The worst peak to mean that the controller of our namespace sees. */
export async function readController(cli: Cli) {
  const { controllers } = await cli.read(ListControllersResponseSchema, ['controllers', 'list']);
  const controller = controllers.find((each) => each.namespace === namespace);
  if (!controller) throw new Error(`no controller works for ${namespace}`);
  return controller;
}

function withPlan(file: PlanFile): PlanFile & { plan: Plan } {
  const { plan } = file;
  if (!plan) throw new Error('the plan file has no plan');
  return { ...file, plan };
}
