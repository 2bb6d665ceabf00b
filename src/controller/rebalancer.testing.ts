import { createInProcessPlanner } from '../adapters/planner-in-process/in-process-planner.ts';
import { openMemoryStore } from '../adapters/store-sqlite/open-sqlite-store.ts';
import { createRebalancer } from '../app/create-rebalancer.ts';
import type { WebhookParts } from '../app/create-webhook-delivery.ts';
import { silentLog } from '../base/log.ts';
import { createRandom } from '../base/random.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import type { ControllerState } from '../domain/controller-state.ts';
import type { Plan } from '../domain/plan.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import { type CommandContext, grantEach, type Scope } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import type { Planner } from '../ports/planner.ts';
import type { Store } from '../ports/store.ts';
import type { FleetFaults } from '../simulator/fleet-faults.ts';
import { type GeneratorOptions, generateFleet } from '../simulator/generator.ts';
import { type FleetPorts, inProcessPorts } from '../simulator/in-process-ports.ts';
import { createSimulatedFleet, type SimulatedFleet } from '../simulator/simulated-fleet.ts';
import type { CommandResult, CreatePlanRequest, Rebalancer } from './rebalancer.ts';

export const cluster = 'c1';
export const namespace = 'orders';

/** The whole core on a simulated fleet, in this process and under a virtual clock. */
export interface Bench {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly fleet: SimulatedFleet;
  /** The one that runs now; another one after `restart`. */
  core(): Rebalancer;
  /** Stops the core and puts a new one on the same store and fleet. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Another replica of the service on the same store and fleet, not started. */
  replica(): Rebalancer;
  state(): Promise<ControllerState>;
  /** Advances until the controller is in the state; throws when it is not within `limitMs`. */
  reach(state: ControllerState, limitMs: number): Promise<void>;
  plan(id: string): Promise<Plan>;
  /** Plans that are no dry runs, oldest first. */
  livePlans(): Promise<readonly Plan[]>;
  /** The controller's transitions so far, as `from>to`. */
  transitions(): Promise<readonly string[]>;
}

export interface BenchOptions {
  readonly fleet?: Partial<GeneratorOptions>;
  readonly policy?: PolicyOverlay;
  /** In the place of the fleet's own. */
  readonly ports?: Partial<FleetPorts>;
  /** How the fleet's ports misbehave. */
  readonly faults?: FleetFaults;
  /** Puts something between the core and the fleet's ports. */
  readonly between?: (ports: FleetPorts) => FleetPorts;
  /** In the place of the real planner, which it is given. */
  readonly planner?: (planner: Planner) => Planner;
  /** Where events go, by a clock that is the bench's. */
  readonly webhooks?: (clock: VirtualClock) => WebhookParts;
}

/** Quick rests and looks, so that tests pass hours in few steps; nothing of it changes what is decided. */
const quick: PolicyOverlay = {
  mode: 'propose',
  triggers: {
    confirmationMs: 20_000,
    evaluationIntervalMs: 10_000,
    backoffMs: 60_000,
    maxBackoffMs: 600_000,
  },
  cooldown: { shardMs: 60_000, nodeMs: 30_000, namespaceMs: 60_000, failureMs: 120_000 },
  budget: { maxShareOfShards: 0.5 },
  approvals: { required: 1, excludeAuthor: true, tiers: [] },
};

export async function createBench(options: BenchOptions = {}): Promise<Bench> {
  const clock = createVirtualClock();
  const store = openMemoryStore({ clock });
  const fleet = createSimulatedFleet({
    blueprint: generateFleet({ ...smallFleet, ...options.fleet }),
    clock,
    random: createRandom('fleet'),
  });
  const plain = { ...inProcessPorts(fleet, options.faults), ...options.ports };
  const ports = options.between?.(plain) ?? plain;
  const planner = createInProcessPlanner(clock);
  const webhooks = options.webhooks?.(clock);
  let generation = 0;
  let core = start();

  function start(): Rebalancer {
    generation++;
    return createRebalancer({
      ...ports,
      cluster,
      namespaces: [namespace],
      store,
      planner: options.planner?.(planner) ?? planner,
      clock,
      random: createRandom(`core-${generation}`),
      log: silentLog,
      owner: `process-${generation}`,
      ...(webhooks ? { webhooks } : {}),
    });
  }

  async function stop(): Promise<void> {
    const stopped = core.stop();
    let done = false;
    stopped.finally(() => {
      done = true;
    });
    await clock.advanceUntil(() => done, 600_000);
    await stopped;
  }

  const bench: Bench = {
    clock,
    store,
    fleet,
    core: () => core,
    async restart() {
      await stop();
      core = start();
      await core.start();
    },
    stop,
    replica: start,
    ...questions(clock, store),
  };
  const overlay = mergeOverlay(quick, options.policy ?? {});
  await applyPolicy(bench, overlay);
  await core.start();
  // Listings, the first loads and two rounds of gossip.
  await clock.advance(warmUpMs);
  return bench;
}

type Questions = Pick<Bench, 'state' | 'reach' | 'plan' | 'livePlans' | 'transitions'>;

/** What tests ask of the store. */
function questions(clock: VirtualClock, store: Store): Questions {
  async function state(): Promise<ControllerState> {
    const [record] = await store.controllers();
    return record?.state ?? 'steady';
  }
  return {
    state,
    async reach(wanted, limitMs) {
      for (let passed = 0; (await state()) !== wanted; passed += stepMs) {
        if (passed >= limitMs)
          throw new Error(`${await describe(store)}, not ${wanted}, after ${limitMs} ms`);
        await clock.advance(stepMs);
      }
    },
    async plan(id) {
      const plan = await store.plan(id);
      if (!plan) throw new Error(`there is no plan ${id}`);
      return plan;
    },
    async livePlans() {
      const page = await store.plans({ cluster, namespace, pageSize: 500 });
      const plans = page.ok ? page.value.items : [];
      return plans.filter((plan) => plan.status !== 'draft').toReversed();
    },
    async transitions() {
      const events = await store.events({ after: 0, limit: 10_000 });
      const all = events.ok ? events.value : [];
      return all
        .filter((event) => event.type === 'controllerTransition')
        .map(({ data }) => `${data.from}>${data.to}`);
    },
  };
}

const stepMs = 1_000;
const warmUpMs = 8_000;

const smallFleet: GeneratorOptions = {
  seed: 7,
  cluster,
  namespace,
  nodes: 8,
  zones: 4,
  shards: 120,
  replicas: 2,
  profile: 'uniform',
  peakToMean: 1.05,
  behaviour: { dailyAmplitude: 0, noise: 0.01 },
};

async function describe(store: Store): Promise<string> {
  const [record] = await store.controllers();
  const { diagnosis, planId } = record ?? { diagnosis: { code: '', message: '' }, planId: '' };
  const plan = planId ? await store.plan(planId) : undefined;
  const outcome = plan ? ` plan ${plan.kind} ${plan.status} ${plan.outcome?.code ?? ''}` : '';
  return `the controller is ${record?.state} (${diagnosis.code}: ${diagnosis.message})${outcome}`;
}

function mergeOverlay(base: PolicyOverlay, over: PolicyOverlay): PolicyOverlay {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, part] of Object.entries(over)) {
    const below = merged[name];
    const nested = isObject(below) && isObject(part);
    merged[name] = nested ? { ...below, ...part } : part;
  }
  return merged;
}

function isObject(part: unknown): part is Readonly<Record<string, unknown>> {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}

/** Changes what the overlay names; the rest of the applied policy stays. */
export async function applyPolicy(bench: Bench, change: PolicyOverlay): Promise<void> {
  const current = await bench.store.policy(cluster, namespace);
  const overlay = mergeOverlay(current?.overlay ?? {}, change);
  value(await bench.core().policies.apply({ cluster, namespace, overlay }, by('admin', ['mesh.admin'])));
}

export function by(id: string, scopes: readonly Scope[] = ['mesh.operate'], groups: readonly string[] = []) {
  const context: CommandContext = {
    principal: { id, groups, grants: grantEach(scopes) },
    reason: 'a test',
    changeTicket: '',
    transport: 'internal',
  };
  return context;
}

export function request(change: Partial<CreatePlanRequest> = {}): CreatePlanRequest {
  return { namespace, dryRun: false, seed: 1, overrides: [], ...change };
}

/** The value of a result that must be one; throws with its problems otherwise. */
export function value<T>(result: CommandResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.error.map((problem) => `${problem.code}: ${problem.message}`).join('; '));
}

/** Codes of a refusal; empty for a result that was none. */
export function codes(result: CommandResult<unknown>): readonly Problem['code'][] {
  return result.ok ? [] : result.error.map((problem) => problem.code);
}

export async function approve(bench: Bench, plan: Plan, approver = 'bea'): Promise<Plan> {
  return value(await bench.core().plans.approve({ id: plan.id, digest: plan.digest }, by(approver)));
}

export function killNode(bench: Bench, node: string): void {
  const killed = bench.fleet.controls.kill(node);
  if (!killed.ok) throw new Error(killed.error.message);
}
