import type { AdminState } from '../domain/node.ts';
import type { Policy, SmoothingPolicy } from '../domain/policy.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import { signals } from '../domain/signals.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { BackpressureSample, LoadBatch, PeerSample, ReplicaSet } from '../domain/telemetry-sample.ts';
import type { FleetTelemetry } from './fleet-telemetry.ts';

/** Samples of a small fleet for the tests of this folder: namespace `orders`, dimension `cpu`. */
export const start = 1_700_000_000_000;

export function peer(node: string, rest: Partial<PeerSample> = {}): PeerSample {
  return {
    node,
    region: 'r1',
    zone: 'a',
    rack: 'k1',
    labels: {},
    weight: 1,
    status: 'alive',
    capacity: { cpu: 10 },
    target: {},
    signals: { [signals.latencyP99Ms]: 5 },
    sequence: 1,
    observedAt: start,
    ...rest,
  };
}

/** Replica i is on `nodes[i]`; the first leads. */
export function shard(id: string, nodes: readonly string[], rest: Partial<ReplicaSet> = {}): ReplicaSet {
  return {
    namespace: 'orders',
    shard: id,
    version: 1,
    status: 'active',
    group: '',
    replicas: nodes.map((node, number) => ({ number, node, leads: number === 0, bytes: 100 })),
    updatedAt: start,
    ...rest,
  };
}

export function loadBatch(observedAt: number, rows: readonly [string, number, number][]): LoadBatch {
  return {
    namespace: 'orders',
    observedAt,
    dimensions: [{ name: 'cpu', unit: 'cores' }],
    shards: rows.map(([id]) => id),
    replicas: Int32Array.from(rows, ([, replica]) => replica),
    loads: Float64Array.from(rows, ([, , load]) => load),
  };
}

export function queue(
  node: string,
  name: string,
  rest: Partial<BackpressureSample> = {},
): BackpressureSample {
  return {
    node,
    queue: name,
    isActive: false,
    pendingCount: 10,
    highWatermark: 100,
    lowWatermark: 20,
    observedAt: start,
    ...rest,
  };
}

export function policyWith(smoothing: SmoothingPolicy): Policy {
  const cpu = { name: 'cpu', weight: 1, targetUtilization: 0.7, hardLimit: 1, transient: false, smoothing };
  return { ...defaultPolicy('test', 'orders'), dimensions: [cpu] };
}

export function snapshotOf(
  telemetry: FleetTelemetry,
  adminStates: ReadonlyMap<string, AdminState> = new Map(),
): Snapshot {
  const frozen = telemetry.freeze(policyWith({ kind: 'none' }), adminStates);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return frozen.value;
}
