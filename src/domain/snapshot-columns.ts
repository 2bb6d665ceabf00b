import type { ShardTable } from './snapshot.ts';

/** A typed array of a snapshot. */
export type Column = Float64Array | Int32Array | Uint8Array;

/**
 * The columns of a shard table in the order in which they are digested and stored: eight-byte elements first, then
 * four, then one, so that each starts aligned to its element when the first one is.
 */
export function columnsOf(shards: ShardTable): readonly Column[] {
  return [
    shards.versions,
    shards.replicaLoads,
    shards.replicaBytes,
    shards.groups,
    shards.replicaOffsets,
    shards.replicaNumbers,
    shards.replicaNodes,
    shards.statuses,
    shards.replicaLeads,
  ];
}

/** The column's elements as little-endian bytes: a view on little-endian machines, a swapped copy on others. */
export function littleEndianBytes(column: Column): Uint8Array {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  return machineIsLittleEndian ? bytes : swapped(bytes, column.BYTES_PER_ELEMENT);
}

/** The bytes that `littleEndianBytes` gave, in the machine's own order and in memory of their own. */
export function machineBytes(bytes: Uint8Array, bytesPerElement: number): ArrayBuffer {
  const own = machineIsLittleEndian ? bytes : swapped(bytes, bytesPerElement);
  const copy = new ArrayBuffer(own.byteLength);
  new Uint8Array(copy).set(own);
  return copy;
}

const machineIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapped(bytes: Uint8Array, bytesPerElement: number): Uint8Array {
  const copy = bytes.slice();
  for (let at = 0; at < copy.length; at += bytesPerElement) copy.subarray(at, at + bytesPerElement).reverse();
  return copy;
}
