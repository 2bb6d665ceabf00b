import type { Node } from '../../src/domain/node.ts';
import type { ShardTable, Snapshot } from '../../src/domain/snapshot.ts';

/** Bytes of a replica: small enough that a plan is bounded by its moves. */
const bytesPerReplica = 100_000_000;

/** What a generator drew; the rest of a snapshot is the same in all of them. */
export interface FleetParts {
  readonly namespace: string;
  readonly dimensions: readonly string[];
  readonly nodes: readonly Node[];
  /** shards + 1 entries. */
  readonly replicaOffsets: Int32Array;
  readonly replicaNodes: Int32Array;
  readonly replicaLeads: Uint8Array;
  readonly replicaLoads: Float64Array;
}

/** A snapshot from columns; nothing here has an object per replica. */
export function buildFleet(parts: FleetParts): Snapshot {
  const { replicaOffsets, replicaNodes, replicaLeads, replicaLoads } = parts;
  const shards = replicaOffsets.length - 1;
  const replicaNumbers = new Int32Array(replicaNodes.length);
  for (let s = 0; s < shards; s++) {
    for (let r = replicaOffsets[s]; r < replicaOffsets[s + 1]; r++) replicaNumbers[r] = r - replicaOffsets[s];
  }
  const table: ShardTable = {
    ids: Array.from({ length: shards }, (_, s) => `s${String(s).padStart(8, '0')}`),
    versions: new Float64Array(shards).fill(1),
    statuses: new Uint8Array(shards).fill(1),
    groups: new Int32Array(shards).fill(-1),
    groupNames: [],
    replicaOffsets,
    replicaNumbers,
    replicaNodes,
    replicaLeads,
    replicaLoads,
    replicaBytes: new Float64Array(replicaNodes.length).fill(bytesPerReplica),
  };
  return {
    cluster: 'bench',
    namespace: parts.namespace,
    takenAt: 0,
    dimensions: parts.dimensions.map((name) => ({ name, unit: 'units' })),
    nodes: parts.nodes,
    shards: table,
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
    // Plans name the digest and do not check it: hashing gigabytes would only make the bench slower.
    digest: `sha256:${'0'.repeat(64)}`,
  };
}

/** Offsets of shards with so many copies each; the last has what is left, so that the number of replicas is exact. */
export function evenOffsets(replicas: number, copies: number): Int32Array {
  const shards = Math.ceil(replicas / copies);
  return Int32Array.from({ length: shards + 1 }, (_, s) => Math.min(replicas, s * copies));
}

/** The first replica of every shard leads. */
export function firstLeads(replicaOffsets: Int32Array): Uint8Array {
  const shards = replicaOffsets.length - 1;
  const leads = new Uint8Array(replicaOffsets[shards]);
  for (let s = 0; s < shards; s++) leads[replicaOffsets[s]] = 1;
  return leads;
}

/** An alive, active node of a zone. */
export function benchNode(index: number, zone: string, capacity: readonly number[]): Node {
  return {
    id: `n${String(index).padStart(6, '0')}`,
    region: 'r0',
    zone,
    rack: `k${String(index >> 4).padStart(6, '0')}`,
    labels: {},
    weight: 1,
    status: 'alive',
    adminState: 'active',
    capacity,
    signals: {},
  };
}
