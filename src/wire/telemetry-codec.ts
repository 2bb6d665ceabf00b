import { create } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import type { BackpressureSample, LoadBatch, PeerSample } from '../domain/telemetry-sample.ts';
import {
  type Acknowledgement,
  type BackpressureBatch,
  BackpressureBatchSchema,
  BatchOriginSchema,
  LoadBatchSchema,
  type PeerBatch,
  PeerBatchSchema,
  type ShardBatch,
  ShardBatchSchema,
  type LoadBatch as WireLoads,
  type BatchOrigin as WireOrigin,
} from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import type {
  BatchOrigin,
  PushCounts,
  PushedBatch,
  PushedSamples,
  PushProgress,
} from '../ports/telemetry-intake.ts';
import { decodeBackpressure, encodeBackpressure } from './fleet/backpressure-codec.ts';
import { decodePeer, encodePeer } from './fleet/peer-codec.ts';
import { decodeReplicaSet, encodeReplicaSet } from './fleet/replica-set-codec.ts';
import { decodeTime, encodeTime } from './fleet/wire-number.ts';

/** A batch of shards; the numbers of its origin and listing are within the contract's rules. */
export function shardsFromMessage(batch: ShardBatch, principal: string): PushedBatch {
  const shards = readable(batch.shards, decodeReplicaSet);
  const removed = readable(batch.removed, decodeReplicaSet);
  const { listing } = batch;
  return {
    origin: originFromMessage(batch.origin, principal),
    samples: {
      kind: 'shards',
      namespace: batch.namespace,
      shards: shards.samples,
      removed: removed.samples,
      ...(listing && {
        listing: {
          firstSequence: Number(listing.firstSequence),
          lastSequence: Number(listing.lastSequence),
        },
      }),
    },
    unreadable: shards.unreadable + removed.unreadable,
  };
}

/** A batch of loads. Problem: FIELD_INVALID for columns that do not fit together. */
export function loadsFromMessage(batch: WireLoads, principal: string): Result<PushedBatch, Problem> {
  const shards = shardOfEachRow(batch);
  if (!shards.ok) return shards;
  const rows = shards.value.length;
  if (batch.replicas.length !== rows) return err(wrongLength('replicas', batch.replicas.length, rows));
  const cells = rows * batch.dimensions.length;
  if (batch.loads.length !== cells) return err(wrongLength('loads', batch.loads.length, cells));
  const loads: LoadBatch = {
    namespace: batch.namespace,
    observedAt: decodeTime(batch.observedAt),
    dimensions: batch.dimensions.map((each) => ({ name: each.name, unit: each.unit })),
    shards: shards.value,
    replicas: Int32Array.from(batch.replicas),
    loads: Float64Array.from(batch.loads),
  };
  const origin = originFromMessage(batch.origin, principal);
  return ok({ origin, samples: { kind: 'loads', namespace: batch.namespace, loads }, unreadable: 0 });
}

export function peersFromMessage(batch: PeerBatch, principal: string): PushedBatch {
  const { samples: peers, unreadable } = readable(batch.peers, decodePeer);
  return {
    origin: originFromMessage(batch.origin, principal),
    samples: { kind: 'peers', peers },
    unreadable,
  };
}

export function queuesFromMessage(batch: BackpressureBatch, principal: string): PushedBatch {
  const { samples: queues, unreadable } = readable(batch.signals, decodeBackpressure);
  const origin = originFromMessage(batch.origin, principal);
  return { origin, samples: { kind: 'backpressure', queues }, unreadable };
}

/** The message of a pushed batch's origin, as an agent sends it: the principal stands in its credential. */
export function originToMessage(origin: Omit<BatchOrigin, 'principal'>): WireOrigin {
  return create(BatchOriginSchema, {
    source: origin.source,
    incarnation: BigInt(origin.incarnation),
    sequence: BigInt(origin.sequence),
  });
}

export function loadsToMessage(origin: WireOrigin, batch: LoadBatch): WireLoads {
  const table = new Map<string, number>();
  const shardIndices = batch.shards.map((shard) => {
    const index = table.get(shard) ?? table.size;
    if (index === table.size) table.set(shard, index);
    return index;
  });
  return create(LoadBatchSchema, {
    origin,
    namespace: batch.namespace,
    observedAt: encodeTime(batch.observedAt),
    dimensions: batch.dimensions.map((each) => ({ name: each.name, unit: each.unit })),
    shards: [...table.keys()],
    shardIndices,
    replicas: Array.from(batch.replicas),
    loads: Array.from(batch.loads),
  });
}

export function shardsToMessage(
  origin: WireOrigin,
  samples: Omit<Extract<PushedSamples, { kind: 'shards' }>, 'kind'>,
): ShardBatch {
  const { namespace, shards, removed, listing } = samples;
  return create(ShardBatchSchema, {
    origin,
    namespace,
    shards: shards.map(encodeReplicaSet),
    removed: removed.map(encodeReplicaSet),
    ...(listing && {
      listing: {
        firstSequence: BigInt(listing.firstSequence),
        lastSequence: BigInt(listing.lastSequence),
      },
    }),
  });
}

export function peersToMessage(origin: WireOrigin, peers: readonly PeerSample[]): PeerBatch {
  return create(PeerBatchSchema, { origin, peers: peers.map(encodePeer) });
}

export function queuesToMessage(
  origin: WireOrigin,
  queues: readonly BackpressureSample[],
): BackpressureBatch {
  return create(BackpressureBatchSchema, { origin, signals: queues.map(encodeBackpressure) });
}

/** What the answer to a call's batches says. */
export function acknowledgementToMessage(
  origin: BatchOrigin | undefined,
  counts: PushCounts,
  progress: PushProgress,
): Omit<Acknowledgement, '$typeName' | '$unknown'> {
  return {
    source: origin?.source ?? '',
    incarnation: BigInt(origin?.incarnation ?? 0),
    lastAcceptedSequence: BigInt(progress.lastAcceptedSequence),
    missingBatches: BigInt(progress.missingBatches),
    accepted: BigInt(counts.accepted),
    duplicate: BigInt(counts.duplicate),
    outOfOrder: BigInt(counts.outOfOrder),
    late: BigInt(counts.late),
    invalid: BigInt(counts.invalid),
    foreign: BigInt(counts.foreign),
    skewed: BigInt(counts.skewed),
    overLimit: BigInt(counts.overLimit),
    waitMs: BigInt(progress.waitMs),
    wantsListing: progress.wantsListing,
  };
}

function originFromMessage(origin: WireOrigin | undefined, principal: string): BatchOrigin {
  return {
    principal,
    source: origin?.source ?? '',
    incarnation: Number(origin?.incarnation ?? 0n),
    sequence: Number(origin?.sequence ?? 0n),
  };
}

/** One text per shard and not per row, where the batch has indices. */
function shardOfEachRow({ shards, shardIndices }: WireLoads): Result<readonly string[], Problem> {
  if (shardIndices.length === 0) return ok(shards);
  const rows: string[] = [];
  for (let row = 0; row < shardIndices.length; row++) {
    const shard = shards[shardIndices[row]];
    if (shard === undefined) {
      return err({
        code: 'FIELD_INVALID',
        message: `row ${row} is of shard ${shardIndices[row]} of ${shards.length}`,
        field: `batch.shardIndices[${row}]`,
        value: shardIndices[row],
        limit: shards.length - 1,
      });
    }
    rows.push(shard);
  }
  return ok(rows);
}

function wrongLength(column: string, length: number, expected: number): Problem {
  return {
    code: 'FIELD_INVALID',
    message: `batch.${column} has ${length} entries where the rows make ${expected}`,
    field: `batch.${column}`,
    value: length,
    limit: expected,
    remedy: 'Give one replica number per row, and one load per row and dimension, row by row.',
  };
}

/** One that cannot be read does not cost the others. */
function readable<W, T>(
  messages: readonly W[],
  decode: (message: W) => Result<T, Problem>,
): { readonly samples: readonly T[]; readonly unreadable: number } {
  const samples: T[] = [];
  for (const message of messages) {
    const sample = decode(message);
    if (sample.ok) samples.push(sample.value);
  }
  return { samples, unreadable: messages.length - samples.length };
}
