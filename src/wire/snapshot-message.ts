import { create } from '@bufbuild/protobuf';
import type { ShardTable, Snapshot, SnapshotContent, SnapshotQuality } from '../domain/snapshot.ts';
import {
  type ShardColumns,
  ShardColumnsSchema,
  type ShardStatus as ShardStatusValue,
  type Snapshot as SnapshotMessage,
  type SnapshotQuality as SnapshotQualityMessage,
  SnapshotQualitySchema,
  SnapshotSchema,
} from '../gen/meshkit/rebalancer/v1/snapshot_pb.ts';
import { dimensionFromMessage, dimensionToMessage, nodeFromMessage, nodeToMessage } from './node-codec.ts';
import {
  durationFromMessage,
  durationToMessage,
  optionalTimeToMessage,
  timeFromMessage,
  timeToMessage,
  wholeFromMessage,
  wholeToMessage,
} from './scalars.ts';

/** Columns, never rows. */
export function snapshotToMessage(snapshot: Snapshot): SnapshotMessage {
  return create(SnapshotSchema, {
    cluster: snapshot.cluster,
    namespace: snapshot.namespace,
    takenAt: timeToMessage(snapshot.takenAt),
    dimensions: snapshot.dimensions.map(dimensionToMessage),
    nodes: snapshot.nodes.map(nodeToMessage),
    shards: columnsToMessage(snapshot.shards),
    quality: qualityToMessage(snapshot.quality),
    digest: snapshot.digest,
  });
}

/**
 * The content of a message in its columnar form, with the digest that it claims; nothing is checked here, see
 * `snapshot-file.ts`. Throws `ProblemError` FIELD_INVALID for an enum value that this program does not know.
 */
export function snapshotContentFromMessage(message: SnapshotMessage): SnapshotContent {
  return {
    cluster: message.cluster,
    namespace: message.namespace,
    takenAt: timeFromMessage(message.takenAt),
    dimensions: message.dimensions.map(dimensionFromMessage),
    nodes: message.nodes.map(nodeFromMessage),
    shards: columnsFromMessage(message.shards ?? create(ShardColumnsSchema)),
    quality: qualityFromMessage(message.quality),
  };
}

export function qualityToMessage(quality: SnapshotQuality): SnapshotQualityMessage {
  return create(SnapshotQualitySchema, {
    completeness: quality.completeness,
    staleness: durationToMessage(quality.stalenessMs),
    sources: quality.sources.map((each) => ({
      source: each.source,
      newestAt: optionalTimeToMessage(each.newestAt),
      coverage: each.coverage,
    })),
  });
}

/** A file without quality was written by somebody who means it: complete and fresh. */
export function qualityFromMessage(message: SnapshotQualityMessage | undefined): SnapshotQuality {
  if (!message) return { completeness: 1, stalenessMs: 0, sources: [] };
  return {
    completeness: message.completeness,
    stalenessMs: durationFromMessage(message.staleness),
    sources: message.sources.map((each) => ({
      source: each.source,
      newestAt: timeFromMessage(each.newestAt),
      coverage: each.coverage,
    })),
  };
}

function columnsToMessage(table: ShardTable): ShardColumns {
  return create(ShardColumnsSchema, {
    ids: [...table.ids],
    versions: Array.from(table.versions, wholeToMessage),
    // The index of a status in the domain is its number in the contract.
    statuses: Array.from<number, ShardStatusValue>(table.statuses, (status) => status),
    groups: Array.from(table.groups),
    groupNames: [...table.groupNames],
    replicaOffsets: Array.from(table.replicaOffsets),
    replicaNumbers: Array.from(table.replicaNumbers),
    replicaNodes: Array.from(table.replicaNodes),
    replicaLeads: Array.from(table.replicaLeads, (leads) => leads === 1),
    replicaLoads: Array.from(table.replicaLoads),
    replicaBytes: Array.from(table.replicaBytes),
  });
}

function columnsFromMessage(message: ShardColumns): ShardTable {
  return {
    ids: message.ids,
    versions: Float64Array.from(message.versions, wholeFromMessage),
    statuses: Uint8Array.from(message.statuses, (status) => Math.min(status, unknownStatus)),
    groups: Int32Array.from(message.groups),
    groupNames: message.groupNames,
    // Nothing at all is written as nothing, without the 0 at which it would begin.
    replicaOffsets:
      message.replicaOffsets.length + message.ids.length === 0
        ? Int32Array.of(0)
        : Int32Array.from(message.replicaOffsets),
    replicaNumbers: Int32Array.from(message.replicaNumbers),
    replicaNodes: Int32Array.from(message.replicaNodes),
    replicaLeads: Uint8Array.from(message.replicaLeads, (leads) => (leads ? 1 : 0)),
    replicaLoads: Float64Array.from(message.replicaLoads),
    replicaBytes: Float64Array.from(message.replicaBytes),
  };
}

/** What a status of a newer contract becomes in its one-byte column: no status, so that the check refuses it. */
const unknownStatus = 255;
