import { create } from '@bufbuild/protobuf';
import { digestOf } from '../../base/digest.ts';
import { shardStatuses } from '../../domain/snapshot.ts';
import type { ReplicaSet } from '../../domain/telemetry-sample.ts';
import { type ShardRecord, ShardRecordSchema } from '../../gen/omnirelay/mesh/control/v1/shard_control_pb.ts';
import { decodeShardStatus } from './replica-set-codec.ts';
import { decodeTime, encodeInteger, encodeTime } from './wire-number.ts';

/** What a ShardRecord tells beyond the replica set. */
export interface ShardRecordFacts {
  readonly strategy: string;
  readonly capacityHint: number;
  readonly changeTicket: string;
}

/** The one owner that MeshKit.Shards' record can tell: the leader's node, or the first replica's when none leads. */
export function ownerOf(set: ReplicaSet): string {
  return (set.replicas.find((each) => each.leads) ?? set.replicas[0])?.node ?? '';
}

/** `omnirelay.mesh.control.v1.ShardRecord` of a shard. */
export function encodeShardRecord(set: ReplicaSet, facts: ShardRecordFacts): ShardRecord {
  const owner = ownerOf(set);
  const leader = set.replicas.find((each) => each.leads)?.node ?? '';
  const status = shardStatuses.indexOf(set.status);
  return create(ShardRecordSchema, {
    namespace: set.namespace,
    shardId: set.shard,
    strategyId: facts.strategy,
    ownerNodeId: owner,
    leaderId: leader,
    capacityHint: facts.capacityHint,
    status,
    version: encodeInteger(set.version),
    checksum: digestOf(
      `${set.namespace}\n${set.shard}\n${owner}\n${leader}\n${status}\n${set.version}`,
    ).slice(7, 23),
    updatedAt: encodeTime(set.updatedAt),
    changeTicket: facts.changeTicket,
  });
}

/**
 * A shard with the one owner that the record tells: for fleets that serve only `omnirelay.mesh.control.v1`. Its
 * replica is number 0, leads, and has no known size.
 */
export function decodeShardRecord(record: ShardRecord): ReplicaSet {
  return {
    namespace: record.namespace,
    shard: record.shardId,
    version: Number(record.version),
    status: decodeShardStatus(record.status),
    group: '',
    replicas:
      record.ownerNodeId === '' ? [] : [{ number: 0, node: record.ownerNodeId, leads: true, bytes: 0 }],
    updatedAt: decodeTime(record.updatedAt),
  };
}
