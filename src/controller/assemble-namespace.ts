import type { Random } from '../base/random.ts';
import type { ClusterGate } from '../execution/cluster-gate.ts';
import { createPlanExecutor } from '../execution/plan-executor.ts';
import type { ShardMover } from '../ports/shard-mover.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import type { ScoringAdapter } from '../scoring/scoring-adapter.ts';
import type { CoreDeps } from './core-deps.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import { createNamespaceController, type NamespaceController } from './namespace-controller.ts';
import { createNamespaceWorld, type SnapshotSource } from './namespace-world.ts';

export interface NamespaceParts extends CoreDeps {
  readonly namespace: string;
  readonly telemetry: SnapshotSource;
  readonly scoringAdapters: readonly ScoringAdapter[];
  readonly mover: ShardMover;
  readonly registry: ShardRegistry;
  /** One per cluster. */
  readonly clusterGate: ClusterGate;
  readonly random: Random;
  /** This process among the replicas of the service. */
  readonly owner: string;
  readonly leaseTtlMs?: number;
}

/** Everything of one namespace, put together: its world, lease, executor and controller; not yet started. */
export function assembleNamespace(parts: NamespaceParts): NamespaceController {
  const { namespace, store, clock, log } = parts;
  const world = createNamespaceWorld(parts);
  const lease = createLeaseKeeper({
    store,
    clock,
    log,
    cluster: parts.cluster,
    namespace,
    owner: parts.owner,
    ...(parts.leaseTtlMs !== undefined && { ttlMs: parts.leaseTtlMs }),
    onChange: (held) => controller.onLease(held),
  });
  const executor = createPlanExecutor({
    store,
    mover: parts.mover,
    registry: parts.registry,
    clock,
    random: parts.random.fork(`execution/${namespace}`),
    log,
    fence: () => lease.fence(),
    world,
    clusterGate: parts.clusterGate,
  });
  const controller = createNamespaceController({ ...parts, world, executor, lease });
  return controller;
}
