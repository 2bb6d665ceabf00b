import { create } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { LoadBatch } from '../../domain/telemetry-sample.ts';
import {
  type WatchLoadsResponse,
  WatchLoadsResponseSchema,
} from '../../gen/meshkit/shards/v1/replica_set_pb.ts';
import { decodeTime, encodeTime } from './wire-number.ts';

/** One message of `meshkit.shards.v1.ReplicaSetService.WatchLoads`. */
export function encodeLoadBatch(batch: LoadBatch): WatchLoadsResponse {
  return create(WatchLoadsResponseSchema, {
    namespace: batch.namespace,
    observedAt: encodeTime(batch.observedAt),
    dimensions: batch.dimensions.map((each) => ({ name: each.name, unit: each.unit })),
    shards: [...batch.shards],
    replicas: Array.from(batch.replicas),
    loads: Array.from(batch.loads),
  });
}

/** Problem: SNAPSHOT_DIMENSION_MISMATCH when the columns do not have one entry per row. */
export function decodeLoadBatch(wire: WatchLoadsResponse): Result<LoadBatch, Problem> {
  const rows = wire.shards.length;
  if (wire.replicas.length !== rows || wire.loads.length !== rows * wire.dimensions.length) {
    return err({
      code: 'SNAPSHOT_DIMENSION_MISMATCH',
      message: `a batch of ${rows} rows and ${wire.dimensions.length} dimensions has ${wire.replicas.length} replica numbers and ${wire.loads.length} loads`,
      field: 'loads',
      value: wire.loads.length,
      limit: rows * wire.dimensions.length,
    });
  }
  return ok({
    namespace: wire.namespace,
    observedAt: decodeTime(wire.observedAt),
    dimensions: wire.dimensions.map((each) => ({ name: each.name, unit: each.unit })),
    shards: wire.shards,
    replicas: Int32Array.from(wire.replicas),
    loads: Float64Array.from(wire.loads),
  });
}
