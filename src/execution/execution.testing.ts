import { openMemoryStore } from '../adapters/store-sqlite/open-sqlite-store.ts';
import { silentLog } from '../base/log.ts';
import { createRandom } from '../base/random.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import type { Incident } from '../domain/incident.ts';
import type { Move } from '../domain/move.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { Node, NodeStatus } from '../domain/node.ts';
import type { Plan, PlanContent } from '../domain/plan.ts';
import { digestPlan } from '../domain/plan-digest.ts';
import type { PlanKind, Policy } from '../domain/policy.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import { type CommandContext, grantEach } from '../domain/principal.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { ShardInput } from '../domain/snapshot-builder.ts';
import type { Store } from '../ports/store.ts';
import { type FleetBehaviour, stillBehaviour } from '../simulator/fleet-blueprint.ts';
import { createFleetFaults, type FleetFaults } from '../simulator/fleet-faults.ts';
import { type FleetPorts, inProcessPorts } from '../simulator/in-process-ports.ts';
import { createSimulatedFleet, type SimulatedFleet } from '../simulator/simulated-fleet.ts';
import { type ClusterGate, createClusterGate } from './cluster-gate.ts';
import type { ExecutionDeps, Fence } from './execution-deps.ts';
import {
  cluster,
  mib,
  namespace,
  sampleNodes,
  sampleShards,
  shardInput,
  snapshotOf,
  zones,
} from './sample-fleet.testing.ts';
import { newPlan } from './sample-plan.testing.ts';

/** What the execution's tests share: a small fleet under the virtual clock, a store in memory, and plans on both. */

export interface Stage {
  readonly clock: VirtualClock;
  readonly fleet: SimulatedFleet;
  readonly faults: FleetFaults;
  readonly ports: FleetPorts;
  readonly store: Store;
  readonly fence: Fence;
  readonly gate: ClusterGate;
  readonly deps: ExecutionDeps;
  readonly incidents: Incident[];
  readonly traces: MoveTrace[];
  /** What the world says of nodes from now on, beside what the fleet says. */
  readonly signals: Map<string, Record<string, number>>;
  policy: Policy;
  /** Whether the world has a snapshot. */
  blind: boolean;
  /** Follow moves made in the fleet by others. */
  version(shard: string): number;
  nodeOf(shard: string, replica: number): string;
  addPlan(moves: readonly Move[], fields?: Partial<Plan>): Promise<Plan>;
}

export interface StageOptions {
  readonly seed?: number | string;
  readonly shards?: number;
  readonly behaviour?: Partial<FleetBehaviour>;
}

/** Two nodes in each of three zones; every shard has its replicas 0, 1, 2 on a1, b1, c1, and 0 leads. */
export async function createStage(options: StageOptions = {}): Promise<Stage> {
  const clock = createVirtualClock();
  const random = createRandom(options.seed ?? 1);
  const first = snapshotOf(clock.now(), sampleNodes(), sampleShards(options.shards ?? 6));
  const behaviour = { ...stillBehaviour, copyBytesPerSecond: 64 * mib, ...options.behaviour };
  const dimensions = [
    { name: 'cpu', unit: 'cores', elastic: true, transient: false },
    { name: 'disk', unit: 'GiB', elastic: false, transient: true },
  ];
  const { nodes: fleetNodes, shards } = first;
  const fleet = createSimulatedFleet({
    blueprint: { cluster, namespace, dimensions, nodes: fleetNodes, shards, behaviour },
    clock,
    random: random.fork('fleet'),
  });
  const faults = createFleetFaults(random.fork('faults'));
  const ports = inProcessPorts(fleet, faults);
  const store = openMemoryStore({ clock });
  const request = { name: `namespace/${namespace}`, owner: 'one', ttlMs: 3_600_000, now: clock.now() };
  const lease = await store.acquireLease(request);
  if (!lease.ok) throw new Error(lease.error.message);
  const fence = { lease: request.name, token: lease.value.token, owner: 'one' };
  const gate = createClusterGate();
  await store.commit({ snapshots: [first] });

  const stage: Stage = {
    clock,
    fleet,
    faults,
    ports,
    store,
    fence,
    gate,
    incidents: [],
    traces: [],
    signals: new Map(),
    policy: quickPolicy(),
    blind: false,
    version: (shard) => replicaSet(fleet, shard).version,
    nodeOf: (shard, replica) =>
      replicaSet(fleet, shard).replicas.find((each) => each.number === replica)?.node ?? '',
    addPlan: (moves, fields = {}) => addPlan(stage, first, moves, fields),
    deps: {
      store,
      mover: ports.mover,
      registry: ports.registry,
      clock,
      random: random.fork('execution'),
      log: silentLog,
      fence: () => fence,
      clusterGate: gate,
      world: {
        snapshot: snapshotSource(() => stage),
        policy: () => stage.policy,
        clusterPolicy: () => stage.policy,
        incidents: () => stage.incidents,
        distress: () => undefined,
        moveTraces: () => stage.traces,
      },
    },
  };
  return stage;
}

/** What the stage's world answers when it is asked for a snapshot: taken anew every half second, as telemetry would. */
function snapshotSource(stage: () => Stage): () => Snapshot | undefined {
  let newest: Snapshot | undefined;
  return () => {
    const { blind, clock, fleet, signals } = stage();
    if (blind) return undefined;
    const now = clock.now();
    if (!newest || now - newest.takenAt >= 500)
      newest = snapshotOf(now, nodesNow(fleet, signals), shardsNow(fleet));
    return newest;
  };
}

function nodesNow(fleet: SimulatedFleet, signals: Stage['signals']): Node[] {
  return sampleNodes().map((node, index) => {
    const status: NodeStatus = fleet.state.alive[index] === 1 ? 'alive' : 'dead';
    return { ...node, status, signals: signals.get(node.id) ?? {} };
  });
}

function shardsNow(fleet: SimulatedFleet): ShardInput[] {
  fleet.refresh();
  return fleet.blueprint.shards.ids.map((id) => {
    const set = replicaSet(fleet, id);
    return shardInput(id, set.version, (number) => {
      const replica = set.replicas.find((each) => each.number === number);
      return { node: replica?.node ?? '', leads: replica?.leads ?? false };
    });
  });
}

/** Ends everything that can end at once; concurrency of two in a namespace, short deadlines, no cooldowns. */
function quickPolicy(): Policy {
  const policy = defaultPolicy(cluster, namespace);
  return {
    ...policy,
    revision: 1,
    budget: { ...policy.budget, maxShareOfShards: 1 },
    benefit: { ...policy.benefit, minPlanGain: 0 },
    cooldown: { ...policy.cooldown, shardMs: 0, nodeMs: 0, namespaceMs: 0, failureMs: 0 },
    concurrency: { cluster: 4, namespace: 3, perNodeIn: 3, perNodeOut: 3, perZone: 3 },
    execution: {
      ...policy.execution,
      stepTimeoutMs: 10_000,
      moveTimeoutMs: 60_000,
      maxAttempts: 3,
      backoffMs: 100,
      maxBackoffMs: 1_000,
      maxFailedMoves: 1,
      regressionFactor: 0,
    },
  };
}

/** A relocation of a replica; versions begin at 1. */
export function relocation(id: number, wave: number, shard: string, replica: number, to: string): Move {
  return {
    id: `m${String(id).padStart(5, '0')}`,
    wave,
    kind: 'relocate',
    shard,
    replica,
    successor: replica,
    source: `${zones[replica]}1`,
    destination: to,
    leads: replica === 0,
    expectedVersion: 1,
    bytes: 64 * mib,
    load: [1, 1],
    reasons: [],
    gain: 1,
    price: 0,
  };
}

export function leadershipTransfer(id: number, wave: number, shard: string, successor: number): Move {
  const move = relocation(id, wave, shard, 0, `${zones[successor]}1`);
  return { ...move, kind: 'transferLeadership', successor, leads: true, bytes: 0, load: [0, 0] };
}

/** The moves that most tests run: two waves, one shard that moves twice, one leadership transfer. */
export function usualMoves(): Move[] {
  return [
    relocation(1, 0, 's00', 0, 'a2'),
    relocation(2, 0, 's01', 1, 'b2'),
    leadershipTransfer(3, 0, 's02', 2),
    { ...relocation(4, 1, 's00', 1, 'b2'), expectedVersion: -1 },
    relocation(5, 1, 's03', 2, 'c2'),
  ];
}

export const operator: CommandContext = {
  principal: { id: 'olga', groups: [], grants: grantEach(['mesh.operate']) },
  reason: 'because',
  changeTicket: '',
  transport: 'internal',
};

export const neverAborts = new AbortController().signal;

/** Lets virtual time pass until the execution has ended. */
export async function finish(stage: Stage, execution: Promise<Plan>, limitMs = 600_000): Promise<Plan> {
  let ended: Plan | undefined;
  let failure: unknown;
  execution.then(
    (plan) => {
      ended = plan;
    },
    (error: unknown) => {
      failure = error;
    },
  );
  await stage.clock.advanceUntil(() => ended !== undefined || failure !== undefined, limitMs);
  if (failure) throw failure;
  if (!ended) throw new Error('unreachable');
  return ended;
}

async function addPlan(
  stage: Stage,
  snapshot: Snapshot,
  moves: readonly Move[],
  fields: Partial<Plan>,
): Promise<Plan> {
  const content: PlanContent = { moves, obstacles: [] };
  const kind: PlanKind = fields.kind ?? 'rebalance';
  const bound = { cluster, namespace, kind, policyRevision: 1, snapshotDigest: snapshot.digest };
  const digest = digestPlan({ ...bound, moves });
  const plan = newPlan(stage.clock.now(), moves, { ...bound, digest, ...fields });
  const written = await stage.store.commit({ plans: [plan], planContents: [{ digest, content }] });
  if (!written.ok) throw new Error(written.error.message);
  return plan;
}

function replicaSet(fleet: SimulatedFleet, shard: string) {
  return fleet.registry.replicaSet(fleet.state.shardIndex.get(shard) ?? -1);
}
