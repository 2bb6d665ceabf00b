import { fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot, SnapshotContent } from '../domain/snapshot.ts';
import { buildSnapshot, type ShardInput } from '../domain/snapshot-builder.ts';
import { digestSnapshot } from '../domain/snapshot-digest.ts';
import { validateSnapshot } from '../domain/snapshot-validate.ts';
import {
  type ShardRow,
  type Snapshot as SnapshotMessage,
  SnapshotSchema,
} from '../gen/meshkit/rebalancer/v1/snapshot_pb.ts';
import { decoded } from './decoded.ts';
import { shardStatusCodec } from './enums.ts';
import { decodeText, malformed, parseJson } from './file-text.ts';
import { readMessage } from './json-reader.ts';
import { dimensionFromMessage, nodeFromMessage } from './node-codec.ts';
import { timeFromMessage, wholeFromMessage } from './scalars.ts';
import { qualityFromMessage, snapshotContentFromMessage, snapshotToMessage } from './snapshot-message.ts';
import { findUnknownFields } from './unknown-fields.ts';

/** Ten million replicas in the binary form are below it; as JSON, two million. */
export const maxSnapshotFileBytes = 1_073_741_824;

/**
 * Reads a snapshot file, JSON or binary by its content, columns or rows (docs/files.md). Problems: INPUT_MALFORMED,
 * FIELD_UNKNOWN, FIELD_INVALID, FIELDS_CONTRADICT, SNAPSHOT_*, each with the path of its field.
 */
export function parseSnapshotFile(bytes: Uint8Array): Result<Snapshot, readonly Problem[]> {
  if (bytes.length > maxSnapshotFileBytes) {
    return err([{ ...malformed('it is too large'), value: bytes.length, limit: maxSnapshotFileBytes }]);
  }
  const message = looksLikeJson(bytes) ? readJson(bytes) : readBinary(bytes);
  return message.ok ? snapshotFromMessage(message.value) : message;
}

/** The checked snapshot of a message, also of one that the service sent. Problems: as `parseSnapshotFile`. */
export function snapshotFromMessage(message: SnapshotMessage): Result<Snapshot, readonly Problem[]> {
  const built = decoded(() => (message.shardRows.length > 0 ? fromRows(message) : fromColumns(message)));
  if (!built.ok) return built;
  if (!built.value.ok) return built.value;
  const snapshot = built.value.value;
  if (message.digest === '' || message.digest === snapshot.digest) return ok(snapshot);
  return err([
    {
      code: 'SNAPSHOT_DIGEST_MISMATCH',
      message: 'the snapshot is not the one whose digest it claims',
      field: 'digest',
      value: message.digest,
      limit: snapshot.digest,
      remedy: 'Leave the digest out of a file that you changed by hand.',
    },
  ]);
}

/** The binary form: some 60 bytes per replica. */
export function encodeSnapshotFile(snapshot: Snapshot): Uint8Array {
  return toBinary(SnapshotSchema, snapshotToMessage(snapshot));
}

/** The JSON form, on one line: its columns are long. */
export function formatSnapshotFile(snapshot: Snapshot): string {
  return `${JSON.stringify(toJson(SnapshotSchema, snapshotToMessage(snapshot)))}\n`;
}

/** JSON begins with a brace, perhaps after white space; a binary snapshot begins with the tag of a field. */
function looksLikeJson(bytes: Uint8Array): boolean {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let i = start; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue;
    return byte === 0x7b || byte === 0x5b || byte === 0x22;
  }
  return true;
}

function readJson(bytes: Uint8Array): Result<SnapshotMessage, readonly Problem[]> {
  const text = decodeText(bytes, maxSnapshotFileBytes);
  const parsed = text.ok ? parseJson(text.value) : text;
  if (parsed.ok) return readMessage(SnapshotSchema, parsed.value);
  // The tag of the first field is a line feed as well: a cluster name of 123 letters makes `\n{` of the binary form.
  const binary = bytes[0] === 0x0a ? readBinary(bytes) : parsed;
  return binary.ok ? binary : parsed;
}

function readBinary(bytes: Uint8Array): Result<SnapshotMessage, readonly Problem[]> {
  try {
    const message = fromBinary(SnapshotSchema, bytes);
    const unknown = findUnknownFields(SnapshotSchema, message);
    if (unknown === undefined) return ok(message);
    return err([
      {
        code: 'FIELD_UNKNOWN',
        message: `${unknown || 'the snapshot'} has a field that the contract does not know: the file is damaged, or of a newer program`,
        field: unknown,
      },
    ]);
  } catch (thrown) {
    return err([malformed(`it is neither JSON nor a binary snapshot (${(thrown as Error).message})`)]);
  }
}

function fromColumns(message: SnapshotMessage): Result<Snapshot, readonly Problem[]> {
  const content: SnapshotContent = snapshotContentFromMessage(message);
  const problems = validateSnapshot(content);
  return problems.length > 0 ? err(problems) : ok({ ...content, digest: digestSnapshot(content) });
}

function fromRows(message: SnapshotMessage): Result<Snapshot, readonly Problem[]> {
  if (message.shards) {
    return err([
      {
        code: 'FIELDS_CONTRADICT',
        message: 'shards and shardRows exclude each other',
        field: 'shardRows',
        limit: 'one of the two',
      },
    ]);
  }
  const built = buildSnapshot({
    cluster: message.cluster,
    namespace: message.namespace,
    takenAt: timeFromMessage(message.takenAt),
    dimensions: message.dimensions.map(dimensionFromMessage),
    nodes: message.nodes.map(nodeFromMessage),
    shards: message.shardRows.map(shardFromRow),
    quality: qualityFromMessage(message.quality),
  });
  if (built.ok) return built;
  return err(built.error.map((each) => ({ ...each, field: each.field?.replace(/^shards\b/, 'shardRows') })));
}

function shardFromRow(row: ShardRow): ShardInput {
  return {
    id: row.id,
    version: wholeFromMessage(row.version),
    status: row.status === 0 ? 'active' : shardStatusCodec.fromMessage(row.status),
    group: row.group,
    replicas: row.replicas.map((each) => ({
      number: each.number,
      node: each.node,
      leads: each.leads,
      bytes: each.bytes,
      loads: [...each.loads],
    })),
  };
}
