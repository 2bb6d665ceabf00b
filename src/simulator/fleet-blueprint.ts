import type { Dimension } from '../domain/dimension.ts';
import type { Node } from '../domain/node.ts';
import type { ShardTable } from '../domain/snapshot.ts';

/** What a simulated fleet starts from: who exists, where everything is, and how the fleet behaves. */
export interface FleetBlueprint {
  readonly cluster: string;
  readonly namespace: string;
  readonly dimensions: readonly FleetDimension[];
  /** Sorted by id. `adminState` and `signals` are not the fleet's business and are ignored. */
  readonly nodes: readonly Node[];
  /** Loads are the base that the fleet's curves multiply. */
  readonly shards: ShardTable;
  readonly behaviour: FleetBehaviour;
}

export interface FleetDimension extends Dimension {
  /** Whether its loads follow the time of day, noise, hot spots and bursts (cpu, requests) or stay (memory, disk). */
  readonly elastic: boolean;
  /** Whether a copy holds it on its node from its first byte, before it owns anything (memory, disk). */
  readonly transient: boolean;
}

/** All times in the fleet's milliseconds, which pass `timeScale` times as fast as the clock's, but for the intervals. */
export interface FleetBehaviour {
  /** Swing of the daily curve around 1, 0..1; each shard has its own phase. */
  readonly dailyAmplitude: number;
  readonly dayMs: number;
  /** Largest relative deviation of one measurement, 0..1. */
  readonly noise: number;
  /** How long one measurement holds before loads are computed anew. */
  readonly measureMs: number;
  /** Whether latency, errors and queues follow utilisation; a calm fleet is always well. */
  readonly calm: boolean;
  /** Bytes per second that a node reads and writes for copies, over all of them. */
  readonly copyBytesPerSecond: number;
  /** Least time that draining a replica takes; a backlog at the source adds to it. */
  readonly drainMs: number;
  /** After its death a node is suspected, then taken for dead. */
  readonly suspectAfterMs: number;
  readonly deadAfterMs: number;
  /** Whether a healthy follower takes over when the leader's node is taken for dead. */
  readonly failover: boolean;
  /** Between two rounds of each feed, in the clock's milliseconds. */
  readonly loadIntervalMs: number;
  readonly gossipIntervalMs: number;
  readonly backpressureIntervalMs: number;
}

export const defaultBehaviour: FleetBehaviour = {
  dailyAmplitude: 0.15,
  dayMs: 86_400_000,
  noise: 0.02,
  measureMs: 1_000,
  calm: false,
  copyBytesPerSecond: 400_000_000,
  drainMs: 200,
  suspectAfterMs: 1_000,
  deadAfterMs: 3_000,
  failover: true,
  loadIntervalMs: 5_000,
  gossipIntervalMs: 1_000,
  backpressureIntervalMs: 1_000,
};

/** Nothing changes by itself: what is measured is exactly the blueprint. */
export const stillBehaviour: FleetBehaviour = {
  ...defaultBehaviour,
  dailyAmplitude: 0,
  noise: 0,
  calm: true,
};
