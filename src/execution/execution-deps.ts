import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Incident } from '../domain/incident.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import type { ShardMover } from '../ports/shard-mover.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import type { CommitBatch, Store } from '../ports/store.ts';
import type { ClusterGate } from './cluster-gate.ts';

/** Everything that executing plans of one namespace needs. */
export interface ExecutionDeps {
  readonly store: Store;
  readonly mover: ShardMover;
  readonly registry: ShardRegistry;
  readonly clock: Clock;
  /** Jitter only. */
  readonly random: Random;
  readonly log: Log;
  /** The namespace's lease as this process holds it now; checked with every write and sent with every mover call. */
  readonly fence: () => Fence;
  readonly world: ExecutionWorld;
  /** One per cluster, shared by the executors of all its namespaces. */
  readonly clusterGate: ClusterGate;
  /** Told what the registry answered about a shard, before and after a move: news that the watch may bring later. */
  readonly onShardRead?: (set: ReplicaSet) => void;
}

export type Fence = NonNullable<CommitBatch['fence']>;

/** What the execution looks at while it runs; each function answers the newest there is, without waiting. */
export interface ExecutionWorld {
  snapshot(): Snapshot | undefined;
  /** Effective policy of the namespace. */
  policy(): Policy;
  clusterPolicy(): Policy;
  /** Open ones. */
  incidents(): readonly Incident[];
  /** Per node of `snapshot()`, 0..1. */
  distress(): Float64Array | undefined;
  /** Recent moves of the namespace, for cooldown and oscillation. */
  moveTraces(): readonly MoveTrace[];
  /** Looks anew, where the world can: before a wave's effect is judged, and after the last move. */
  look?(): Promise<unknown>;
}
