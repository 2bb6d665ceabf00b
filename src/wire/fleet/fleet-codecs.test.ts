import { expect, test } from 'bun:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { shardStatuses } from '../../domain/snapshot.ts';
import type { BackpressureSample, LoadBatch, PeerSample, ReplicaSet } from '../../domain/telemetry-sample.ts';
import { BackpressureSignalSchema } from '../../gen/meshkit/backpressure/v1/backpressure_pb.ts';
import { PeerSampleSchema, type PeerStatus } from '../../gen/meshkit/peers/v1/peer_health_pb.ts';
import {
  ReplicaSetChangeSchema,
  ReplicaSetSchema,
  WatchLoadsResponseSchema,
} from '../../gen/meshkit/shards/v1/replica_set_pb.ts';
import {
  MoveCallSchema,
  MoveOutcomeSchema,
  StatusResponseSchema,
} from '../../gen/meshkit/shards/v1/shard_movement_pb.ts';
import type { MoverAnswer, MoverCall, MoverStatusAnswer } from '../../ports/shard-mover.ts';
import { decodeBackpressure, encodeBackpressure } from './backpressure-codec.ts';
import { decodeLoadBatch, encodeLoadBatch } from './load-codec.ts';
import {
  decodeMoverAnswer,
  decodeMoverCall,
  decodeMoverStatus,
  encodeMoverAnswer,
  encodeMoverCall,
  encodeMoverStatus,
} from './mover-codec.ts';
import { decodePeer, encodePeer } from './peer-codec.ts';
import {
  decodeReplicaSet,
  decodeShardChange,
  encodeReplicaSet,
  encodeShardChange,
} from './replica-set-codec.ts';
import { decodeShardRecord, encodeShardRecord } from './shard-record-codec.ts';

const word = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
const integer = fc.maxSafeNat();
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const values = fc.dictionary(word, number, { noNullPrototype: true });

const replicaSets: fc.Arbitrary<ReplicaSet> = fc.record({
  namespace: word,
  shard: word,
  version: integer,
  status: fc.constantFrom(...shardStatuses),
  group: fc.string(),
  replicas: fc.array(fc.record({ number: fc.nat(), node: word, leads: fc.boolean(), bytes: integer })),
  updatedAt: time,
});

const calls: fc.Arbitrary<MoverCall> = fc.record({
  moveKey: word,
  namespace: word,
  shard: word,
  kind: fc.constantFrom('relocate', 'transferLeadership'),
  replica: fc.nat(),
  successor: fc.nat(),
  source: word,
  destination: word,
  expectedVersion: fc.integer({ min: -1, max: 2 ** 40 }),
  fencingToken: integer,
  changeTicket: fc.string(),
});

test('a replica set and a change survive the wire', () => {
  fc.assert(
    fc.property(replicaSets, fc.boolean(), integer, (set, removed, position) => {
      const bytes = toBinary(ReplicaSetSchema, encodeReplicaSet(set));
      expect(decodeReplicaSet(fromBinary(ReplicaSetSchema, bytes))).toEqual({ ok: true, value: set });
      const change = { position, current: set, removed };
      const sent = toBinary(ReplicaSetChangeSchema, encodeShardChange(change));
      expect(decodeShardChange(fromBinary(ReplicaSetChangeSchema, sent))).toEqual({
        ok: true,
        value: change,
      });
    }),
  );
});

test('a batch of loads survives the wire', () => {
  const batches: fc.Arbitrary<LoadBatch> = fc
    .tuple(fc.array(fc.tuple(word, fc.nat(), number, number)), time)
    .map(([rows, observedAt]) => ({
      namespace: 'orders',
      observedAt,
      dimensions: [
        { name: 'cpu', unit: 'cores' },
        { name: 'disk', unit: 'GiB' },
      ],
      shards: rows.map((row) => row[0]),
      replicas: Int32Array.from(rows, (row) => row[1]),
      loads: Float64Array.from(rows.flatMap((row) => [row[2], row[3]])),
    }));
  fc.assert(
    fc.property(batches, (batch) => {
      const bytes = toBinary(WatchLoadsResponseSchema, encodeLoadBatch(batch));
      expect(decodeLoadBatch(fromBinary(WatchLoadsResponseSchema, bytes))).toEqual({
        ok: true,
        value: batch,
      });
    }),
  );
});

test('a batch whose columns differ in length is refused', () => {
  const broken = create(WatchLoadsResponseSchema, {
    dimensions: [{ name: 'cpu' }],
    shards: ['a'],
    replicas: [0],
  });
  expect(decodeLoadBatch(broken)).toMatchObject({
    ok: false,
    error: { code: 'SNAPSHOT_DIMENSION_MISMATCH' },
  });
});

test('a peer survives the wire', () => {
  const peers: fc.Arbitrary<PeerSample> = fc.record({
    node: word,
    region: word,
    zone: word,
    rack: word,
    labels: fc.dictionary(word, word, { noNullPrototype: true }),
    weight: number,
    status: fc.constantFrom('alive', 'suspect', 'dead', 'left'),
    capacity: values,
    target: values,
    signals: values,
    sequence: integer,
    observedAt: time,
  });
  fc.assert(
    fc.property(peers, (peer) => {
      const bytes = toBinary(PeerSampleSchema, encodePeer(peer));
      expect(decodePeer(fromBinary(PeerSampleSchema, bytes))).toEqual({ ok: true, value: peer });
    }),
  );
});

test('a peer without a name or with a status from the future is refused', () => {
  expect(decodePeer(create(PeerSampleSchema, {}))).toMatchObject({
    ok: false,
    error: { code: 'FIELD_REQUIRED' },
  });
  const strange = create(PeerSampleSchema, { node: 'n1', status: 9 as number as PeerStatus });
  expect(decodePeer(strange)).toMatchObject({
    ok: false,
    error: { code: 'FIELD_INVALID', subject: 'node/n1' },
  });
});

test('a backpressure signal survives the wire', () => {
  const samples: fc.Arbitrary<BackpressureSample> = fc.record({
    node: word,
    queue: word,
    isActive: fc.boolean(),
    pendingCount: integer,
    highWatermark: integer,
    lowWatermark: integer,
    observedAt: time,
  });
  fc.assert(
    fc.property(samples, (sample) => {
      const bytes = toBinary(BackpressureSignalSchema, encodeBackpressure(sample));
      expect(decodeBackpressure(fromBinary(BackpressureSignalSchema, bytes))).toEqual({
        ok: true,
        value: sample,
      });
    }),
  );
});

test('a mover call survives the wire, and an incomplete one is refused', () => {
  fc.assert(
    fc.property(calls, (call) => {
      const bytes = toBinary(MoveCallSchema, encodeMoverCall(call));
      expect(decodeMoverCall(fromBinary(MoveCallSchema, bytes))).toEqual({ ok: true, value: call });
    }),
  );
  expect(decodeMoverCall(undefined)).toMatchObject({ error: { code: 'FIELD_REQUIRED', field: 'call' } });
  const unkeyed = create(MoveCallSchema, { kind: 1 });
  expect(decodeMoverCall(unkeyed)).toMatchObject({ error: { field: 'call.moveKey' } });
  const kindless = create(MoveCallSchema, { moveKey: 'p/m' });
  expect(decodeMoverCall(kindless)).toMatchObject({ error: { field: 'call.kind' } });
});

test('every answer of the mover survives the wire', () => {
  const refusal = {
    code: 'MOVE_VERSION_CONFLICT',
    message: 'no',
    subject: 'shard/s1',
    value: '1',
    limit: '2',
  } as const;
  const answers: Exclude<MoverAnswer, { kind: 'unreachable' }>[] = [
    { kind: 'done', version: 4 },
    { kind: 'inProgress', bytesCopied: 5, bytesTotal: 10 },
    { kind: 'refused', retryable: true, problem: refusal },
  ];
  for (const answer of answers) {
    const bytes = toBinary(MoveOutcomeSchema, encodeMoverAnswer(answer));
    expect(decodeMoverAnswer(fromBinary(MoveOutcomeSchema, bytes))).toEqual(answer);
  }
});

test('every status of a move survives the wire', () => {
  const phases = [
    'preparing',
    'prepared',
    'draining',
    'drained',
    'transferred',
    'released',
    'aborted',
  ] as const;
  const answers: Exclude<MoverStatusAnswer, { kind: 'unreachable' }>[] = [
    { kind: 'unknownMove' },
    ...phases.map((phase) => ({ kind: 'known' as const, phase, version: 3 })),
  ];
  for (const answer of answers) {
    const bytes = toBinary(StatusResponseSchema, encodeMoverStatus(answer));
    expect(decodeMoverStatus(fromBinary(StatusResponseSchema, bytes))).toEqual(answer);
  }
});

test('an answer without content counts as none, and a code that we do not know stays readable', () => {
  expect(decodeMoverAnswer(undefined).kind).toBe('unreachable');
  expect(decodeMoverStatus(create(StatusResponseSchema, {})).kind).toBe('unreachable');
  const foreign = create(MoveOutcomeSchema, {
    result: { case: 'refused', value: { code: 'DISK_ON_FIRE', message: 'run' } },
  });
  expect(decodeMoverAnswer(foreign)).toMatchObject({
    problem: { code: 'MOVE_REFUSED', message: 'DISK_ON_FIRE: run' },
  });
});

test('a record tells the leader as the owner, and a fleet of single owners can be read from records', () => {
  const set: ReplicaSet = {
    namespace: 'orders',
    shard: 's1',
    version: 3,
    status: 'active',
    group: '',
    replicas: [
      { number: 0, node: 'a', leads: false, bytes: 1 },
      { number: 1, node: 'b', leads: true, bytes: 1 },
    ],
    updatedAt: 5_000,
  };
  const record = encodeShardRecord(set, { strategy: 'x', capacityHint: 2, changeTicket: 'CHG' });
  expect(record).toMatchObject({ ownerNodeId: 'b', leaderId: 'b', version: 3n });
  expect(decodeShardRecord(record)).toEqual({
    ...set,
    replicas: [{ number: 0, node: 'b', leads: true, bytes: 0 }],
  });
  const moved = encodeShardRecord(
    { ...set, version: 4 },
    { strategy: 'x', capacityHint: 2, changeTicket: 'CHG' },
  );
  expect(moved.checksum).not.toBe(record.checksum);
});
