import { shardStatuses } from '../domain/snapshot.ts';
import type { BackpressureSample, LoadBatch, PeerSample, ReplicaSet } from '../domain/telemetry-sample.ts';

/** Replicas of one shard; a set with more is a mistake of its source. */
export const maxReplicasPerShard = 1_024;

const nodeStatuses: ReadonlySet<string> = new Set(['alive', 'suspect', 'dead', 'left']);
const maxInt32 = 2_147_483_647;

/** Whether the set can stand in a snapshot: one leader at most, distinct numbers and nodes, sound amounts. */
export function isSoundReplicaSet(set: ReplicaSet): boolean {
  const { replicas } = set;
  if (set.shard === '' || replicas.length === 0 || replicas.length > maxReplicasPerShard) return false;
  if (!Number.isSafeInteger(set.version) || set.version < 0 || !isTime(set.updatedAt)) return false;
  if (!shardStatuses.includes(set.status)) return false;
  let leaders = 0;
  for (let i = 0; i < replicas.length; i++) {
    const replica = replicas[i];
    if (replica.node === '' || !isAmount(replica.bytes)) return false;
    if (!Number.isInteger(replica.number) || replica.number < 0 || replica.number > maxInt32) return false;
    if (replica.leads && ++leaders > 1) return false;
    // Quadratic, but sets are small and this allocates nothing; see `maxReplicasPerShard`.
    for (let j = 0; j < i; j++) {
      if (replicas[j].number === replica.number || replicas[j].node === replica.node) return false;
    }
  }
  return true;
}

/** Whether the batch's columns fit together; its rows are looked at one by one. */
export function isSoundLoadBatch(batch: LoadBatch): boolean {
  const rows = batch.shards.length;
  if (!isTime(batch.observedAt) || batch.observedAt === 0) return false;
  if (batch.replicas.length !== rows || batch.loads.length !== rows * batch.dimensions.length) return false;
  const names = new Set(batch.dimensions.map((dimension) => dimension.name));
  return names.size === batch.dimensions.length && !names.has('');
}

/** Whether the sample can stand in a snapshot; single signals are looked at by `soundSignals`. */
export function isSoundPeer(sample: PeerSample): boolean {
  if (sample.node === '' || !nodeStatuses.has(sample.status)) return false;
  if (!isTime(sample.observedAt) || sample.observedAt === 0 || !Number.isFinite(sample.sequence))
    return false;
  if (!isAmount(sample.weight) || sample.weight === 0) return false;
  return Object.values(sample.capacity).every(isAmount) && Object.values(sample.target).every(isAmount);
}

/** The signals that are finite numbers, sorted by name. */
export function soundSignals(signals: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const names = Object.keys(signals).filter((name) => name !== '' && Number.isFinite(signals[name]));
  return Object.fromEntries(names.sort().map((name) => [name, signals[name]]));
}

export function isSoundQueue(sample: BackpressureSample): boolean {
  if (sample.node === '' || !isTime(sample.observedAt) || sample.observedAt === 0) return false;
  return isAmount(sample.pendingCount) && isAmount(sample.highWatermark) && isAmount(sample.lowWatermark);
}

/** A finite number that is at least 0. */
export function isAmount(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}

function isTime(value: number): boolean {
  return isAmount(value);
}
