import { describe, expect, test } from 'bun:test';
import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  ShardAssignmentSchema,
  ShardControlService,
  ShardDiffNotificationSchema,
  ShardDiffRequestSchema,
  ShardDiffResponseSchema,
  ShardHistorySchema,
  ShardListRequestSchema,
  ShardListResponseSchema,
  ShardRecordSchema,
  ShardSimulationChangeSchema,
  ShardSimulationNodeSchema,
  ShardSimulationRequestSchema,
  ShardSimulationResponseSchema,
  ShardStatus,
  ShardWatchRequestSchema,
} from '../../gen/omnirelay/mesh/control/v1/shard_control_pb.ts';

/**
 * Fields as other programs write them, made here byte by byte (protobuf's encoding: key = number << 3 | type), so
 * that nothing generated from our own file takes part.
 */
function text(number: number, value: string): number[] {
  return [(number << 3) | 2, value.length, ...Buffer.from(value)];
}

/** A value below 128. */
function varint(number: number, value: number): number[] {
  return [number << 3, value];
}

function double(number: number, value: number): number[] {
  return [(number << 3) | 1, ...new Uint8Array(new Float64Array([value]).buffer)];
}

function message(number: number, ...fields: number[][]): number[] {
  const body = fields.flat();
  return [(number << 3) | 2, body.length, ...body];
}

const timestamp = (number: number, seconds: number): number[] => message(number, varint(1, seconds));

/** What the bytes mean to us, and that we write the same bytes. */
function read<Schema extends DescMessage>(schema: Schema, ...fields: number[][]): MessageShape<Schema> {
  const bytes = Uint8Array.from(fields.flat());
  const decoded = fromBinary(schema, bytes);
  expect(decoded.$unknown ?? []).toEqual([]);
  expect([...toBinary(schema, decoded)]).toEqual([...bytes]);
  return decoded;
}

const filters = [text(1, 'orders'), text(2, 'n1'), [(3 << 3) | 2, 2, 1, 3], text(4, 'abc')];
const filtersRead = {
  namespace: 'orders',
  ownerNodeId: 'n1',
  statuses: [ShardStatus.ACTIVE, ShardStatus.PAUSED],
  search: 'abc',
};

describe('omnirelay.mesh.control.v1 on the wire', () => {
  test('a record', () => {
    const record = read(
      ShardRecordSchema,
      text(1, 'orders'),
      text(2, 's1'),
      text(3, 'ring'),
      text(4, 'n1'),
      text(5, 'n2'),
      double(6, 1.5),
      varint(7, 2),
      varint(8, 9),
      text(9, 'c0ffee'),
      timestamp(10, 77),
      text(11, 'CHG-1'),
    );
    expect(record).toMatchObject({
      namespace: 'orders',
      shardId: 's1',
      strategyId: 'ring',
      ownerNodeId: 'n1',
      leaderId: 'n2',
      capacityHint: 1.5,
      status: ShardStatus.DRAINING,
      version: 9n,
      checksum: 'c0ffee',
      updatedAt: { seconds: 77n },
      changeTicket: 'CHG-1',
    });
  });

  test('a history', () => {
    expect(read(ShardHistorySchema, text(1, 'a'), text(2, 'b'), text(3, 'c'), text(4, 'd'))).toMatchObject({
      actor: 'a',
      reason: 'b',
      changeTicket: 'c',
      previousOwnerNodeId: 'd',
    });
  });

  test('a listing', () => {
    expect(read(ShardListRequestSchema, ...filters, text(5, 'cur'), varint(6, 50))).toMatchObject({
      ...filtersRead,
      cursor: 'cur',
      pageSize: 50,
    });
    const answer = read(ShardListResponseSchema, message(1, text(2, 's1')), text(2, 'next'), varint(3, 7));
    expect(answer.shards[0]?.shardId).toBe('s1');
    expect(answer).toMatchObject({ nextCursor: 'next', version: 7n });
  });

  test('a watch', () => {
    expect(read(ShardWatchRequestSchema, ...filters, varint(5, 12))).toMatchObject({
      ...filtersRead,
      resumeToken: 12n,
    });
    const notification = read(
      ShardDiffNotificationSchema,
      varint(1, 5),
      message(2, text(2, 'now')),
      message(3, text(2, 'before')),
      message(4, text(1, 'who')),
    );
    expect(notification).toMatchObject({
      position: 5n,
      current: { shardId: 'now' },
      previous: { shardId: 'before' },
      history: { actor: 'who' },
    });
  });

  test('a diff', () => {
    expect(read(ShardDiffRequestSchema, ...filters, varint(5, 3), varint(6, 9))).toMatchObject({
      ...filtersRead,
      fromToken: 3n,
      toToken: 9n,
    });
    const answer = read(ShardDiffResponseSchema, message(1, varint(1, 4)), varint(2, 9));
    expect(answer.diffs[0]?.position).toBe(4n);
    expect(answer.lastPosition).toBe(9n);
  });

  test('a simulation', () => {
    const node = [text(1, 'n1'), double(2, 2.5), text(3, 'r1'), text(4, 'z1')];
    const nodeRead = { nodeId: 'n1', weight: 2.5, region: 'r1', zone: 'z1' };
    expect(read(ShardSimulationNodeSchema, ...node)).toMatchObject(nodeRead);
    const request = read(
      ShardSimulationRequestSchema,
      text(1, 'orders'),
      text(2, 'ring'),
      message(3, ...node),
    );
    expect(request).toMatchObject({ namespace: 'orders', strategyId: 'ring' });
    expect(request.nodes[0]).toMatchObject(nodeRead);
    const answer = read(
      ShardSimulationResponseSchema,
      text(1, 'orders'),
      text(2, 'ring'),
      timestamp(3, 5),
      message(4, text(2, 's1')),
      message(5, text(2, 's2')),
    );
    expect(answer).toMatchObject({ namespace: 'orders', strategyId: 'ring', generatedAt: { seconds: 5n } });
    expect(answer.assignments[0]?.shardId).toBe('s1');
    expect(answer.changes[0]?.shardId).toBe('s2');
  });

  test('an assignment and a change of a simulation', () => {
    const assignment = [text(1, 'orders'), text(2, 's1'), text(3, 'n1'), double(4, 0.5), text(5, 'r1/z1')];
    expect(read(ShardAssignmentSchema, ...assignment)).toMatchObject({
      namespace: 'orders',
      shardId: 's1',
      ownerNodeId: 'n1',
      capacity: 0.5,
      localityHint: 'r1/z1',
    });
    const change = [text(1, 'orders'), text(2, 's1'), text(3, 'n1'), text(4, 'n2'), varint(5, 1)];
    expect(read(ShardSimulationChangeSchema, ...change)).toMatchObject({
      namespace: 'orders',
      shardId: 's1',
      currentOwner: 'n1',
      proposedOwner: 'n2',
      changesOwner: true,
    });
  });

  test('the statuses and the methods', () => {
    expect([
      ShardStatus.UNSPECIFIED,
      ShardStatus.ACTIVE,
      ShardStatus.DRAINING,
      ShardStatus.PAUSED,
      ShardStatus.DISABLED,
    ] as number[]).toEqual([0, 1, 2, 3, 4]);
    expect(ShardControlService.typeName).toBe('omnirelay.mesh.control.v1.ShardControlService');
    expect(ShardControlService.methods.map((each) => [each.name, each.methodKind])).toEqual([
      ['List', 'unary'],
      ['Watch', 'server_streaming'],
      ['Diff', 'unary'],
      ['Simulate', 'unary'],
    ]);
  });
});
