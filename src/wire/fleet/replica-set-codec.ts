import { create } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import { type ShardStatus, shardStatuses } from '../../domain/snapshot.ts';
import type { Replica, ReplicaSet, ShardChange } from '../../domain/telemetry-sample.ts';
import {
  ReplicaSetChangeSchema,
  ReplicaSetSchema,
  type ReplicaSetChange as WireChange,
  type ReplicaSet as WireReplicaSet,
} from '../../gen/meshkit/shards/v1/replica_set_pb.ts';
import { decodeInteger, decodeTime, encodeInteger, encodeTime, missingField } from './wire-number.ts';

/** `meshkit.shards.v1.ReplicaSet` of a shard. */
export function encodeReplicaSet(set: ReplicaSet): WireReplicaSet {
  return create(ReplicaSetSchema, {
    namespace: set.namespace,
    shard: set.shard,
    version: encodeInteger(set.version),
    // The index in `shardStatuses` is the wire value of both contracts.
    status: shardStatuses.indexOf(set.status),
    group: set.group,
    replicas: set.replicas.map((each) => ({
      number: each.number,
      node: each.node,
      leads: each.leads,
      bytes: encodeInteger(each.bytes),
    })),
    updatedAt: encodeTime(set.updatedAt),
  });
}

/** The shard of a `meshkit.shards.v1.ReplicaSet`. Problem: FIELD_INVALID for a number that is not exact. */
export function decodeReplicaSet(wire: WireReplicaSet): Result<ReplicaSet, Problem> {
  const version = decodeInteger(wire.version, 'version');
  if (!version.ok) return version;
  const replicas: Replica[] = [];
  for (const [index, each] of wire.replicas.entries()) {
    const bytes = decodeInteger(each.bytes, `replicas[${index}].bytes`);
    if (!bytes.ok) return bytes;
    replicas.push({ number: each.number, node: each.node, leads: each.leads, bytes: bytes.value });
  }
  return ok({
    namespace: wire.namespace,
    shard: wire.shard,
    version: version.value,
    status: decodeShardStatus(wire.status),
    group: wire.group,
    replicas,
    updatedAt: decodeTime(wire.updatedAt),
  });
}

/** A status that this program does not know is `unspecified`. */
export function decodeShardStatus(wire: number): ShardStatus {
  return shardStatuses[wire] ?? 'unspecified';
}

/** `meshkit.shards.v1.ReplicaSetChange` of a change. */
export function encodeShardChange(change: ShardChange): WireChange {
  return create(ReplicaSetChangeSchema, {
    position: encodeInteger(change.position),
    current: encodeReplicaSet(change.current),
    removed: change.removed,
  });
}

/** Problems: FIELD_REQUIRED without a shard, FIELD_INVALID for a number that is not exact. */
export function decodeShardChange(wire: WireChange): Result<ShardChange, Problem> {
  if (!wire.current) return err(missingField('current'));
  const position = decodeInteger(wire.position, 'position');
  if (!position.ok) return position;
  const current = decodeReplicaSet(wire.current);
  if (!current.ok) return current;
  return ok({ position: position.value, current: current.value, removed: wire.removed });
}
