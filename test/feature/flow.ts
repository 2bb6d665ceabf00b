import { stringify } from 'yaml';
import { type MeshProcess, startMesh } from '../../scripts/support/mesh-process.ts';
import { waitFor } from '../../scripts/support/wait-for.ts';
import type { AuditRecord } from '../../src/gen/meshkit/rebalancer/v1/audit_pb.ts';
import { type Controller, ControllerSchema } from '../../src/gen/meshkit/rebalancer/v1/controller_pb.ts';
import {
  type Plan,
  type PlanFile,
  PlanFileSchema,
  PlanStatus,
} from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { ListPlansResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { PlanKind } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import {
  type GetFleetResponse,
  GetFleetResponseSchema,
} from '../../src/gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { readAudit } from '../support/audit.ts';
import { type Cli, cleanEnvironment, createCli, type PrintedProblem } from '../support/cli.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { untilMeasured } from '../support/until-measured.ts';
import { repositoryFile, untilReady } from '../support/world.ts';

/** A simulated fleet, the service against it, and a policy: what each flow of docs/flows.md plays on. */
export interface Flow extends AsyncDisposable {
  readonly cli: Cli;
  readonly folder: TempFolder;
  readonly service: MeshProcess;
  /** Applies a policy of this spec to the flow's namespace. */
  applyPolicy(spec: object): Promise<void>;
  fleet(): Promise<GetFleetResponse>;
  controller(): Promise<Controller>;
  plan(id: string): Promise<Plan>;
  /** Newest first. */
  plans(): Promise<readonly Plan[]>;
  /** With its moves. */
  planFile(id: string): Promise<PlanFile>;
  auditOf(subject: string): Promise<readonly AuditRecord[]>;
  /** Makes a plan as ann. */
  makePlan(...args: readonly string[]): Promise<Plan>;
  /** Approves as bob, unless told who. */
  approve(plan: Plan, who?: string, ...args: readonly string[]): Promise<void>;
  /** What somebody who would approve is told. */
  refusedApproval(plan: Plan, who: string, exit: number, digest?: string): Promise<readonly PrintedProblem[]>;
  /** Waits until the plan has the status; fails at once when it ended with another one. */
  planReaches(id: string, status: PlanStatus): Promise<Plan>;
  /** Waits for the newest plan of a kind; dry runs do not count. */
  planAppears(kind: PlanKind): Promise<Plan>;
}

export interface FlowOptions {
  readonly namespace?: string;
  /** What `mesh fleet simulate` is told beside its address and name. */
  readonly fleet: readonly string[];
  /** A policy file of `policies/`, or the spec of one. */
  readonly policy: string | object;
}

/** Longest that anything in these flows takes on a busy machine; the fleets live many times faster than the clock. */
export const patienceMs = 90_000;

const endings: readonly PlanStatus[] = [
  PlanStatus.COMPLETED,
  PlanStatus.FAILED,
  PlanStatus.CANCELLED,
  PlanStatus.REJECTED,
  PlanStatus.EXPIRED,
  PlanStatus.SUPERSEDED,
  PlanStatus.ROLLED_BACK,
];

/** Starts both processes, waits until the service has seen the fleet, and applies the policy. */
export async function startFlow(options: FlowOptions): Promise<Flow> {
  const { namespace = 'orders', policy } = options;
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await createTempFolder());
  const env = cleanEnvironment({});
  const place = ['--listen', '127.0.0.1:0', '--cluster', 'demo', '-n', namespace];
  const fleet = await startMesh(['fleet', 'simulate', ...place, ...options.fleet], { env });
  opening.defer(async () => void (await fleet.stop()));
  const serve = ['rebalancer', 'serve', '--dev', ...place, '--fleet', fleet.url, '--log-level', 'warn'];
  const service = await startMesh([...serve, '--data-dir', folder.file('data')], { env });
  opening.defer(async () => void (await service.stop()));
  const cli = createCli({ service, fleet: fleet.url, namespace, folder: folder.path });
  await untilReady(cli);
  await untilMeasured(cli);
  const applyPolicy = policyApplier(cli, folder, namespace);
  if (typeof policy === 'string')
    await cli.run(['policies', 'apply', repositoryFile('policies', policy), '--yes']);
  else await applyPolicy(policy);
  const open = opening.move();
  return {
    cli,
    folder,
    service,
    applyPolicy,
    ...readersOf(cli),
    ...planCommandsOf(cli),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function policyApplier(cli: Cli, folder: TempFolder, namespace: string): Flow['applyPolicy'] {
  let policies = 0;
  return async (spec) => {
    policies += 1;
    const head = { apiVersion: 'meshkit.rebalancer/v1', kind: 'Policy', cluster: 'demo', namespace };
    const path = await folder.write(`policy-${policies}.yaml`, stringify({ ...head, spec }));
    await cli.run(['policies', 'apply', path, '--yes', '--reason', 'the flow needs it'], { as: 'root' });
  };
}

type Readers = Pick<
  Flow,
  'fleet' | 'controller' | 'plan' | 'plans' | 'planFile' | 'auditOf' | 'planReaches' | 'planAppears'
>;

function readersOf(cli: Cli): Readers {
  const planFile = (id: string) => cli.read(PlanFileSchema, ['shards', 'rebalance', 'show', id, '--all']);
  const plan = async (id: string) => planOf(await planFile(id));
  const plans = async () => (await cli.read(ListPlansResponseSchema, ['shards', 'rebalance', 'list'])).plans;
  return {
    fleet: () => cli.read(GetFleetResponseSchema, ['fleet', 'stats', '--nodes']),
    controller: () => cli.read(ControllerSchema, ['controllers', 'show']),
    plan,
    plans,
    planFile,
    auditOf: (subject) => readAudit(cli, ['--subject', subject]),
    async planReaches(id, status) {
      let found = await plan(id);
      await waitFor(`plan ${id} to be ${PlanStatus[status]}`, patienceMs, async () => {
        found = await plan(id);
        if (found.status === status) return true;
        if (endings.includes(found.status))
          throw new Error(`plan ${id} ended as ${PlanStatus[found.status]}, not ${PlanStatus[status]}`);
        return false;
      });
      return found;
    },
    async planAppears(kind) {
      let found: Plan | undefined;
      await waitFor(`a plan of kind ${PlanKind[kind]}`, patienceMs, async () => {
        found = (await plans()).find((each) => each.kind === kind && each.status !== PlanStatus.DRAFT);
        return found !== undefined;
      });
      if (!found) throw new Error('waiting ended without a plan');
      return found;
    },
  };
}

function planCommandsOf(cli: Cli): Pick<Flow, 'makePlan' | 'approve' | 'refusedApproval'> {
  const approval = (plan: Plan, digest = plan.digest) => [
    ...['shards', 'rebalance', 'approve', plan.id],
    ...['--digest', digest],
  ];
  return {
    makePlan: async (...args) =>
      planOf(await cli.read(PlanFileSchema, ['shards', 'rebalance', 'plan', ...args], { as: 'ann' })),
    async approve(plan, who = 'bob', ...args) {
      await cli.run([...approval(plan), ...args], { as: who });
    },
    refusedApproval: (plan, who, exit, digest) => cli.refused(approval(plan, digest), { as: who, exit }),
  };
}

export function planOf({ plan }: Pick<PlanFile, 'plan'>): Plan {
  if (!plan) throw new Error('the answer has no plan');
  return plan;
}

/** Largest peak over mean of any dimension. */
export function worstPeakToMean(balances: readonly { readonly peakToMean: number }[] = []): number {
  return Math.max(...balances.map((balance) => balance.peakToMean));
}
