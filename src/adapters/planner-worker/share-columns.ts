import type { ShardTable } from '../../domain/snapshot.ts';

/**
 * The table with its columns in memory that threads share: posted to any number of them it is copied once, here, and
 * not twice per thread, out of this one and into that one. The caller's own stay its own.
 */
export function shareColumns(shards: ShardTable): ShardTable {
  return {
    ...shards,
    versions: sharedNumbers(shards.versions),
    statuses: sharedBytes(shards.statuses),
    groups: sharedIntegers(shards.groups),
    replicaOffsets: sharedIntegers(shards.replicaOffsets),
    replicaNumbers: sharedIntegers(shards.replicaNumbers),
    replicaNodes: sharedIntegers(shards.replicaNodes),
    replicaLeads: sharedBytes(shards.replicaLeads),
    replicaLoads: sharedNumbers(shards.replicaLoads),
    replicaBytes: sharedNumbers(shards.replicaBytes),
  };
}

function sharedNumbers(column: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}

function sharedIntegers(column: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}

function sharedBytes(column: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}
