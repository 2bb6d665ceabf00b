import { createEventFeed } from '../audit/event-feed.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { createAuditQueries } from '../controller/audit-queries.ts';
import { createControllerCommands } from '../controller/controller-commands.ts';
import type { CommandDeps, CoreDeps } from '../controller/core-deps.ts';
import { createIncidentCommands } from '../controller/incident-commands.ts';
import { createLeaseKeeper, namespaceLease } from '../controller/lease-keeper.ts';
import { createNamespaceController, type NamespaceController } from '../controller/namespace-controller.ts';
import { createNamespaceWorld } from '../controller/namespace-world.ts';
import { createNodeCommands } from '../controller/node-commands.ts';
import { createPlanCommands } from '../controller/plan-commands.ts';
import { createPolicyCommands } from '../controller/policy-commands.ts';
import type { Rebalancer } from '../controller/rebalancer.ts';
import { createIdMaker } from '../controller/time-ordered-id.ts';
import { nudgeOnStatusChange } from '../controller/watch-node-status.ts';
import { createWebhookCommands } from '../controller/webhook-commands.ts';
import type { KnownExtension } from '../domain/extension-parameter.ts';
import { type ClusterGate, createClusterGate } from '../execution/cluster-gate.ts';
import { createPlanExecutor } from '../execution/plan-executor.ts';
import type { Planner } from '../ports/planner.ts';
import type { ShardMover } from '../ports/shard-mover.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import type { Store } from '../ports/store.ts';
import type { BackpressureSource, LoadSource, PeerSource } from '../ports/telemetry-sources.ts';
import { builtInScoringAdapters } from '../scoring/built-in-adapters.ts';
import type { ScoringAdapter } from '../scoring/scoring-adapter.ts';
import { createFleetTelemetry } from '../telemetry/fleet-telemetry.ts';
import { startIngest } from '../telemetry/ingest.ts';
import type { SourceTransition } from '../telemetry/subscription.ts';
import { createWebhookDelivery, type WebhookParts } from './create-webhook-delivery.ts';

/** Names that adapters of modules cannot take. */
export const builtInScoringNames: readonly string[] = builtInScoringAdapters.map((adapter) => adapter.name);

/** What a rebalancer is put together from: any implementation of the ports will do. */
export interface RebalancerParts {
  readonly cluster: string;
  readonly namespaces: readonly string[];
  readonly store: Store;
  readonly planner: Planner;
  readonly registry: ShardRegistry;
  readonly mover: ShardMover;
  readonly loads: LoadSource;
  readonly peers: PeerSource;
  readonly backpressure: BackpressureSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Unique per process: what namespace leases are held under. */
  readonly owner: string;
  /** Besides the built-in ones; one of the same name takes the built-in's place. */
  readonly scoringAdapters?: readonly ScoringAdapter[];
  /** What the planner's modules offer, for policies to be checked against; none without it. */
  readonly plannerExtensions?: readonly KnownExtension[];
  /** Where events go; nowhere without it. */
  readonly webhooks?: WebhookParts;
}

/** Puts the core together. Nothing runs before `start`; the store and the planner stay the caller's to close. */
export function createRebalancer(parts: RebalancerParts): Rebalancer {
  const stopping = new AbortController();
  const adapters = mergeAdapters(parts.scoringAdapters ?? []);
  const core: CoreDeps = {
    cluster: parts.cluster,
    store: parts.store,
    planner: parts.planner,
    clock: parts.clock,
    newId: createIdMaker(parts.clock, parts.random.fork('ids')),
    log: parts.log,
    stopping: stopping.signal,
  };
  const gate = createClusterGate();
  const services = parts.namespaces.map((namespace) =>
    createNamespaceService(parts, core, namespace, adapters, gate, stopping.signal),
  );
  const units = new Map(services.map(({ controller }) => [controller.namespace, controller]));
  const deps: CommandDeps = { ...core, units };
  const feed = createEventFeed(parts.store);
  const delivery = createWebhookDelivery({ ...parts, random: parts.random.fork('webhooks') });
  return {
    plans: createPlanCommands(deps),
    policies: createPolicyCommands({
      ...deps,
      scoringAdapters: adapters,
      plannerExtensions: parts.plannerExtensions ?? [],
    }),
    incidents: createIncidentCommands(deps),
    nodes: createNodeCommands(deps),
    controllers: createControllerCommands(deps),
    audit: createAuditQueries(parts.store),
    webhooks: createWebhookCommands({ ...core, ...delivery }),
    events: feed,
    async start() {
      for (const service of services) service.start();
      delivery.start();
    },
    async stop() {
      await Promise.all(services.map((service) => service.controller.stop()));
      stopping.abort();
      await Promise.all([delivery.stop(), ...services.map((service) => service.ingestEnded())]);
      feed.close();
    },
  };
}

interface NamespaceService {
  readonly controller: NamespaceController;
  start(): void;
  ingestEnded(): Promise<void>;
}

/** One namespace: its telemetry, its view of the world, its lease, its executor and the controller that leads them. */
function createNamespaceService(
  parts: RebalancerParts,
  core: CoreDeps,
  namespace: string,
  scoringAdapters: readonly ScoringAdapter[],
  clusterGate: ClusterGate,
  signal: AbortSignal,
): NamespaceService {
  const { cluster, store, clock, log } = parts;
  const random = parts.random.fork(`namespace/${namespace}`);
  const telemetry = createFleetTelemetry({ cluster, namespace, clock });
  const world = createNamespaceWorld({ cluster, namespace, store, telemetry, scoringAdapters, clock });
  const lease = createLeaseKeeper({
    store,
    clock,
    log,
    name: namespaceLease(cluster, namespace),
    owner: parts.owner,
    onChange: (held) => controller.onLease(held),
  });
  const executor = createPlanExecutor({
    store,
    mover: parts.mover,
    registry: parts.registry,
    clock,
    random: random.fork('execution'),
    log,
    fence: () => lease.fence(),
    world,
    clusterGate,
    onShardRead: telemetry.acceptShardRead,
  });
  const controller: NamespaceController = createNamespaceController({ ...core, world, executor, lease });
  let ingestEnded: Promise<void> = Promise.resolve();
  return {
    controller,
    start() {
      const { registry, loads, backpressure } = parts;
      const peers = nudgeOnStatusChange(parts.peers, controller.nudge);
      const sources = { registry, loads, peers, backpressure };
      const onTransition = (transition: SourceTransition): void => {
        void reportSource(parts, namespace, transition);
        controller.nudge();
      };
      ingestEnded = startIngest({
        ...sources,
        telemetry,
        clock,
        random: random.fork('ingest'),
        signal,
        log,
        onTransition,
      }).done;
      controller.start();
    },
    ingestEnded: () => ingestEnded,
  };
}

/** Tells watchers that a source was lost or is back. */
async function reportSource(
  parts: RebalancerParts,
  namespace: string,
  transition: SourceTransition,
): Promise<void> {
  const { cluster, store, log } = parts;
  const { at, source, kind, problem } = transition;
  const data = { source, state: kind, code: problem?.code ?? null, message: problem?.message ?? null };
  try {
    await store.commit({
      events: [
        { at, type: 'telemetryDegraded', cluster, namespace, subject: `controller/${namespace}`, data },
      ],
    });
  } catch (error) {
    log.error('an event could not be written', { namespace, source, error: String(error) });
  }
}

function mergeAdapters(added: readonly ScoringAdapter[]): readonly ScoringAdapter[] {
  const names = new Set(added.map((adapter) => adapter.name));
  return [...builtInScoringAdapters.filter((adapter) => !names.has(adapter.name)), ...added];
}
