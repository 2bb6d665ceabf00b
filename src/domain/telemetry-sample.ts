import type { NodeStatus } from './node.ts';
import type { ShardStatus } from './snapshot.ts';

/** A shard as the registry has it: a MeshKit.Shards record together with its replicas. */
export interface ReplicaSet {
  readonly namespace: string;
  readonly shard: string;
  readonly version: number;
  readonly status: ShardStatus;
  /** Service that placement rules speak of; empty for none. */
  readonly group: string;
  readonly replicas: readonly Replica[];
  readonly updatedAt: number;
}

export interface Replica {
  readonly number: number;
  readonly node: string;
  readonly leads: boolean;
  /** Bytes that relocating it copies. */
  readonly bytes: number;
}

/** A change in the registry; `removed` when the shard is no more. */
export interface ShardChange {
  /** Rising; the resume token of the watch. */
  readonly position: number;
  readonly current: ReplicaSet;
  readonly removed: boolean;
}

/** Loads of many replicas, as columns. */
export interface LoadBatch {
  readonly namespace: string;
  readonly observedAt: number;
  readonly dimensions: readonly LoadDimension[];
  readonly shards: readonly string[];
  readonly replicas: Int32Array;
  /** rows × dimensions, row per replica. */
  readonly loads: Float64Array;
}

export interface LoadDimension {
  readonly name: string;
  readonly unit: string;
}

/** A peer as gossip sees it. */
export interface PeerSample {
  readonly node: string;
  readonly region: string;
  readonly zone: string;
  readonly rack: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly weight: number;
  readonly status: NodeStatus;
  /** Capacity by dimension name. */
  readonly capacity: Readonly<Record<string, number>>;
  /** Load target by dimension name; empty where policy's target utilisation applies. */
  readonly target: Readonly<Record<string, number>>;
  /** Signals by name: latency, error rate, round trip, and what third parties add. */
  readonly signals: Readonly<Record<string, number>>;
  /** Rises with every sample of the node, so that late and repeated ones are known. */
  readonly sequence: number;
  readonly observedAt: number;
}

/** One queue of Hugo's SafeTaskQueue. */
export interface BackpressureSample {
  readonly node: string;
  readonly queue: string;
  readonly isActive: boolean;
  readonly pendingCount: number;
  readonly highWatermark: number;
  readonly lowWatermark: number;
  readonly observedAt: number;
}
