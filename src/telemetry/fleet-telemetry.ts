import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { AdminState } from '../domain/node.ts';
import type { Policy } from '../domain/policy.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import type { Problem } from '../domain/problem.ts';
import { type Snapshot, shardStatuses } from '../domain/snapshot.ts';
import type {
  BackpressureSample,
  LoadBatch,
  PeerSample,
  ReplicaSet,
  ShardChange,
} from '../domain/telemetry-sample.ts';
import type { ShardPage } from '../ports/shard-registry.ts';
import {
  createCounters,
  type TelemetryCounters,
  type TelemetrySource,
  telemetrySources,
} from './counters.ts';
import { freezeSnapshot } from './freeze.ts';
import { createLoadTable } from './load-table.ts';
import { acceptPeer, acceptQueue } from './node-samples.ts';
import { createNodeTable } from './node-table.ts';
import { createQueueTable } from './queue-table.ts';
import { isSoundReplicaSet } from './sample-checks.ts';
import { createShardTable } from './shard-table.ts';
import { createSourceStates, type SourceState } from './source-state.ts';

/**
 * What is known of one namespace's fleet, kept current from samples that may come late, twice, out of order, from a
 * wrong clock or broken; `freeze` makes an immutable snapshot of it. See docs/telemetry.md.
 */
export interface FleetTelemetry {
  readonly cluster: string;
  readonly namespace: string;
  /** Smooths, ages and refuses by this policy from now on; `freeze` does it as well. */
  usePolicy(policy: Policy): void;
  /** The pages that follow are the whole truth: the newest state whatever the versions say. */
  beginShardListing(): void;
  acceptShardPage(page: ShardPage): void;
  /** Ends the listing: shards that were in none of its pages are gone. */
  endShardListing(): void;
  /** Ends a listing that broke off: what it did not name stays. Nothing when it has ended already. */
  abandonShardListing(): void;
  acceptShardChange(change: ShardChange): void;
  /**
   * A shard as the registry answered when it was asked for it. What is newer than what is known counts at once, so that
   * whoever caused a change finds it in the next snapshot, also when the watch lags; the rest changes nothing.
   */
  acceptShardRead(set: ReplicaSet): void;
  acceptLoads(batch: LoadBatch): void;
  acceptPeers(samples: readonly PeerSample[]): void;
  acceptBackpressure(samples: readonly BackpressureSample[]): void;
  /** The source's connection ended and why; what it delivered stays and ages. */
  setDegraded(source: TelemetrySource, problem: Problem): void;
  /** The source is connected: as long as it is, silence of the shard registry means that nothing changed. */
  setConnected(source: TelemetrySource): void;
  /** Connection and newest sample per source. */
  sources(): readonly SourceState[];
  counters(): TelemetryCounters;
  /**
   * A snapshot of what is known now, smoothed by the policy's dimensions. Problems: SNAPSHOT_EMPTY names the sources
   * that never delivered; FLEET_UNREACHABLE when they never did because they cannot be reached.
   */
  freeze(policy: Policy, adminStates: ReadonlyMap<string, AdminState>): Result<Snapshot, readonly Problem[]>;
}

export interface FleetTelemetryOptions {
  readonly cluster: string;
  readonly namespace: string;
  readonly clock: Clock;
  /** The sources that a snapshot is judged by; all four unless told. */
  readonly sources?: readonly TelemetrySource[];
}

/** Shards held of one namespace. */
export const maxShards = 16_777_216;
/** Ids of refused shards remembered, to lower the completeness by them. */
const maxRefusedShards = 10_000;

export function createFleetTelemetry(options: FleetTelemetryOptions): FleetTelemetry {
  const { cluster, namespace, clock } = options;
  const shards = createShardTable();
  const nodes = createNodeTable();
  const queues = createQueueTable();
  const loads = createLoadTable(shards);
  const counters = createCounters();
  const sources = createSourceStates(options.sources ?? telemetrySources);
  const refused = new Set<string>();
  let policy = defaultPolicy(cluster, namespace);
  loads.configure(policy.dimensions);
  let isListing = false;
  let slotScratch = new Int32Array(16);

  function usePolicy(next: Policy): void {
    if (next === policy) return;
    policy = next;
    loads.configure(next.dimensions);
  }

  function refuse(set: ReplicaSet): void {
    counters.shards.invalid++;
    if (refused.size < maxRefusedShards) refused.add(set.shard);
  }

  function upsert(set: ReplicaSet): void {
    const count = set.replicas.length;
    if (count > slotScratch.length) slotScratch = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      slotScratch[i] = nodes.intern(set.replicas[i].node);
      if (slotScratch[i] < 0) {
        counters.shards.overLimit++;
        return;
      }
    }
    const changedAt = Math.min(set.updatedAt, clock.now());
    shards.upsert(set, slotScratch, shardStatuses.indexOf(set.status), changedAt);
    if (refused.size > 0) refused.delete(set.shard);
    counters.shards.accepted++;
  }

  function acceptShard(set: ReplicaSet): void {
    if (set.namespace !== namespace) {
      counters.shards.foreign++;
      return;
    }
    if (!isSoundReplicaSet(set)) {
      refuse(set);
      return;
    }
    if (set.updatedAt > clock.now() + policy.telemetry.maxSkewMs) counters.shards.skewed++;
    const slot = shards.slotOf(set.shard);
    if (slot === undefined && shards.shardCount() >= maxShards) {
      counters.shards.overLimit++;
      return;
    }
    if (slot !== undefined && !isListing) {
      // Versions order a shard's states; `updatedAt` those that differ in less than ownership.
      const byVersion = set.version - shards.version(slot) || set.updatedAt - shards.updatedAt(slot);
      if (byVersion < 0) counters.shards.outOfOrder++;
      if (byVersion === 0) counters.shards.duplicate++;
      if (byVersion <= 0) return;
    }
    upsert(set);
  }

  function acceptRemoval(set: ReplicaSet): void {
    const slot = shards.slotOf(set.shard);
    if (set.namespace !== namespace) counters.shards.foreign++;
    else if (slot === undefined) counters.shards.duplicate++;
    else if (set.version < shards.version(slot)) counters.shards.outOfOrder++;
    else if (shards.remove(set.shard)) counters.shards.accepted++;
    refused.delete(set.shard);
  }

  return {
    cluster,
    namespace,
    usePolicy,
    beginShardListing() {
      isListing = true;
      shards.beginListing();
      refused.clear();
    },
    acceptShardPage(page) {
      for (const set of page.shards) acceptShard(set);
      sources.delivered('shards', clock.now());
    },
    endShardListing() {
      if (isListing) shards.removeUntouched();
      isListing = false;
      // Sorting a million ids takes longer than a snapshot may; after this only what comes and goes is merged.
      shards.sorted();
      sources.delivered('shards', clock.now());
    },
    abandonShardListing() {
      isListing = false;
    },
    acceptShardChange(change) {
      if (change.removed) acceptRemoval(change.current);
      else acceptShard(change.current);
      sources.delivered('shards', clock.now());
    },
    acceptShardRead(set) {
      const slot = shards.slotOf(set.shard);
      if (set.namespace !== namespace || slot === undefined || !isSoundReplicaSet(set)) return;
      if (set.version > shards.version(slot)) upsert(set);
    },
    acceptLoads(batch) {
      if (batch.namespace !== namespace) counters.loads.foreign += batch.shards.length;
      else if (loads.accept(batch, policy, clock.now(), counters.loads))
        sources.delivered('loads', batch.observedAt);
    },
    acceptPeers(samples) {
      for (const sample of samples) {
        if (acceptPeer(nodes, sample, policy.telemetry, clock.now(), counters.peers)) {
          sources.delivered('peers', sample.observedAt);
        }
      }
    },
    acceptBackpressure(samples) {
      if (samples.length === 0) sources.delivered('backpressure', clock.now());
      for (const sample of samples) {
        if (acceptQueue(queues, sample, policy.telemetry, clock.now(), counters.backpressure)) {
          sources.delivered('backpressure', sample.observedAt);
        }
      }
    },
    setDegraded: (source, problem) => sources.degraded(source, problem, clock.now()),
    setConnected: (source) => sources.connected(source, clock.now()),
    sources: () => sources.list(),
    counters: () => counters,
    freeze(next, adminStates) {
      usePolicy(next);
      return freezeSnapshot({
        cluster,
        namespace,
        now: clock.now(),
        policy: next,
        adminStates,
        shards,
        refusedShards: refused.size,
        loads,
        nodes,
        queues,
        sources: sources.list(),
      });
    },
  };
}
