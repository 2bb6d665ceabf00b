import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from './problem.ts';
import type { ShardTable, Snapshot } from './snapshot.ts';
import { columnsOf, littleEndianBytes, machineBytes } from './snapshot-columns.ts';
import { digestSnapshot } from './snapshot-digest.ts';

/** `MKSN` and the format's number, little-endian. */
const magic = 0x4e534b4d;
const formatVersion = 1;
/** Magic, format, length of the head, padding: the head starts here. */
const prefixBytes = 16;
/** Eight-byte columns come first, so that the first of them starts at a multiple of this. */
const alignment = 8;

/** Everything of a snapshot that is not a column, as stored. */
type StoredHead = Omit<Snapshot, 'shards'> & {
  readonly ids: readonly string[];
  readonly groupNames: readonly string[];
  readonly replicas: number;
};

/**
 * A snapshot as bytes: a 16-byte prefix, the head as JSON, the columns one after the other (`columnsOf`). Not
 * compressed: that is the store's decision.
 */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { shards, ...rest } = snapshot;
  const head: StoredHead = {
    ...rest,
    ids: shards.ids,
    groupNames: shards.groupNames,
    replicas: shards.replicaNodes.length,
  };
  const headBytes = new TextEncoder().encode(JSON.stringify(head));
  const columns = columnsOf(shards).map(littleEndianBytes);
  const start = aligned(prefixBytes + headBytes.length);
  const bytes = new Uint8Array(columns.reduce((size, column) => size + column.length, start));
  const prefix = new DataView(bytes.buffer);
  prefix.setUint32(0, magic, true);
  prefix.setUint32(4, formatVersion, true);
  prefix.setUint32(8, headBytes.length, true);
  bytes.set(headBytes, prefixBytes);
  let at = start;
  for (const column of columns) {
    bytes.set(column, at);
    at += column.length;
  }
  return bytes;
}

/**
 * The snapshot that was encoded, proved by its digest. Problem: INPUT_MALFORMED when the bytes are not a snapshot, are
 * of a newer format, are cut off, or do not have the digest that they state.
 */
export function decodeSnapshot(bytes: Uint8Array): Result<Snapshot, Problem> {
  const head = readHead(bytes);
  if (!head.ok) return head;
  const { ids, groupNames, replicas, ...rest } = head.value.head;
  const shards = readColumns(bytes, head.value.start, {
    ids,
    groupNames,
    shards: ids.length,
    replicas,
    dimensions: rest.dimensions.length,
  });
  if (!shards.ok) return shards;
  const snapshot: Snapshot = { ...rest, shards: shards.value };
  const actual = digestIfPossible(snapshot);
  if (actual === snapshot.digest) return ok(snapshot);
  return err({
    ...malformed('its content does not have the digest that it states'),
    value: actual,
    limit: snapshot.digest,
  });
}

/** Empty where damage put a number into the head that no digest exists for (`1e999`). */
function digestIfPossible(snapshot: Snapshot): string {
  try {
    return digestSnapshot(snapshot);
  } catch {
    return '';
  }
}

function readHead(bytes: Uint8Array): Result<{ readonly head: StoredHead; readonly start: number }, Problem> {
  if (bytes.length < prefixBytes) return err(malformed('it is shorter than its prefix'));
  const prefix = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (prefix.getUint32(0, true) !== magic) return err(malformed('it does not begin like one'));
  const version = prefix.getUint32(4, true);
  if (version !== formatVersion) return err(malformed(`its format ${version} is not ${formatVersion}`));
  const headLength = prefix.getUint32(8, true);
  if (prefixBytes + headLength > bytes.length) return err(malformed('its head is cut off'));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      bytes.subarray(prefixBytes, prefixBytes + headLength),
    );
    const head: unknown = JSON.parse(text);
    if (!isStoredHead(head)) return err(malformed('its head lacks a part'));
    return ok({ head, start: aligned(prefixBytes + headLength) });
  } catch {
    return err(malformed('its head is not JSON'));
  }
}

interface Shape {
  readonly ids: readonly string[];
  readonly groupNames: readonly string[];
  readonly shards: number;
  readonly replicas: number;
  readonly dimensions: number;
}

function readColumns(bytes: Uint8Array, start: number, shape: Shape): Result<ShardTable, Problem> {
  const { shards, replicas, dimensions } = shape;
  const size =
    8 * (shards + replicas * (dimensions + 1)) + 4 * (2 * shards + 1 + 2 * replicas) + shards + replicas;
  if (start + size !== bytes.length) {
    return err(malformed(`its columns should end at byte ${start + size}, it ends at ${bytes.length}`));
  }
  let at = start;
  function take(elements: number, bytesPerElement: number): ArrayBuffer {
    const end = at + elements * bytesPerElement;
    const column = machineBytes(bytes.subarray(at, end), bytesPerElement);
    at = end;
    return column;
  }
  return ok({
    ids: shape.ids,
    groupNames: shape.groupNames,
    versions: new Float64Array(take(shards, 8)),
    replicaLoads: new Float64Array(take(replicas * dimensions, 8)),
    replicaBytes: new Float64Array(take(replicas, 8)),
    groups: new Int32Array(take(shards, 4)),
    replicaOffsets: new Int32Array(take(shards + 1, 4)),
    replicaNumbers: new Int32Array(take(replicas, 4)),
    replicaNodes: new Int32Array(take(replicas, 4)),
    statuses: new Uint8Array(take(shards, 1)),
    replicaLeads: new Uint8Array(take(replicas, 1)),
  });
}

/** Only what reading the columns relies on; the digest proves the rest. */
function isStoredHead(value: unknown): value is StoredHead {
  if (typeof value !== 'object' || value === null) return false;
  const head = value as Partial<Record<keyof StoredHead, unknown>>;
  return (
    Array.isArray(head.ids) &&
    Array.isArray(head.groupNames) &&
    Array.isArray(head.dimensions) &&
    Array.isArray(head.nodes) &&
    Number.isSafeInteger(head.replicas) &&
    Number(head.replicas) >= 0 &&
    typeof head.digest === 'string' &&
    typeof head.takenAt === 'number'
  );
}

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

function malformed(why: string): Problem {
  return { code: 'INPUT_MALFORMED', message: `the bytes are not a snapshot: ${why}` };
}
