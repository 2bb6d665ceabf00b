import type { Dimension } from './dimension.ts';
import type { Node } from './node.ts';

/**
 * An immutable, content-addressed picture of one namespace's fleet at one time. Nodes are sorted by id, shards by id,
 * the replicas of a shard by number; equal fleets therefore have equal snapshots and equal digests.
 */
export interface Snapshot {
  readonly cluster: string;
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  readonly dimensions: readonly Dimension[];
  readonly nodes: readonly Node[];
  readonly shards: ShardTable;
  readonly quality: SnapshotQuality;
  /** `sha256:...` over everything above; see `snapshot-digest.ts`. */
  readonly digest: string;
}

/**
 * Shards and replicas as columns: a million replicas are a few typed arrays, not a million objects. A replica is a
 * row; the rows of shard `s` are `replicaOffsets[s]` up to but excluding `replicaOffsets[s + 1]`.
 */
export interface ShardTable {
  /** Shard ids, sorted by code unit. */
  readonly ids: readonly string[];
  /** Registry version per shard; the precondition of moves. Integers up to 2^53. */
  readonly versions: Float64Array;
  /** `shardStatuses[i]` per shard. */
  readonly statuses: Uint8Array;
  /** Index into `groupNames` per shard, -1 for none. */
  readonly groups: Int32Array;
  /** Names of the groups (services) that placement rules and dependencies speak of. */
  readonly groupNames: readonly string[];
  /** shards + 1 entries. */
  readonly replicaOffsets: Int32Array;
  /** Number of the replica, unique within its shard and kept when it moves; from 0 to 2^31 - 1. */
  readonly replicaNumbers: Int32Array;
  /** Index into the snapshot's `nodes` per replica. */
  readonly replicaNodes: Int32Array;
  /** 1 for the leader, 0 for followers; at most one leader per shard. */
  readonly replicaLeads: Uint8Array;
  /** replicas × dimensions, row per replica, in the dimension's unit. */
  readonly replicaLoads: Float64Array;
  /** Bytes that relocating the replica copies. */
  readonly replicaBytes: Float64Array;
}

/** How much a snapshot can be trusted; the telemetry guardrails compare it with policy. */
export interface SnapshotQuality {
  /** Share of shards, of nodes and of queues with a sample within policy's age, each 0..1. */
  readonly completeness: number;
  /** Age in milliseconds of the oldest source's newest sample at `takenAt`. */
  readonly stalenessMs: number;
  /** Per source, which one is behind and since when. */
  readonly sources: readonly SourceQuality[];
}

export interface SourceQuality {
  /** `shards`, `loads`, `peers`, `backpressure`, or an adapter's name. */
  readonly source: string;
  /** Observed time of its newest accepted sample, milliseconds since the epoch; 0 when it never delivered. */
  readonly newestAt: number;
  /** Share of what it should cover that it covers freshly, 0..1. */
  readonly coverage: number;
}

/** Of MeshKit.Shards; the index is the wire value of the omnirelay contract. */
export const shardStatuses = ['unspecified', 'active', 'draining', 'paused', 'disabled'] as const;
export type ShardStatus = (typeof shardStatuses)[number];

/** What is in a snapshot before it is checked and digested. */
export type SnapshotContent = Omit<Snapshot, 'digest'>;

export function shardCount(shards: ShardTable): number {
  return shards.ids.length;
}

export function replicaCount(shards: ShardTable): number {
  return shards.replicaNodes.length;
}
