import { create } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { BackpressureSample } from '../../domain/telemetry-sample.ts';
import {
  type BackpressureSignal,
  BackpressureSignalSchema,
} from '../../gen/meshkit/backpressure/v1/backpressure_pb.ts';
import { decodeInteger, decodeTime, encodeInteger, encodeTime, missingField } from './wire-number.ts';

/** `meshkit.backpressure.v1.BackpressureSignal` of a sample. */
export function encodeBackpressure(sample: BackpressureSample): BackpressureSignal {
  return create(BackpressureSignalSchema, {
    node: sample.node,
    queue: sample.queue,
    isActive: sample.isActive,
    pendingCount: encodeInteger(sample.pendingCount),
    highWatermark: encodeInteger(sample.highWatermark),
    lowWatermark: encodeInteger(sample.lowWatermark),
    observedAt: encodeTime(sample.observedAt),
  });
}

/** Problems: FIELD_REQUIRED without a node, FIELD_INVALID for a number that is not exact. */
export function decodeBackpressure(wire: BackpressureSignal): Result<BackpressureSample, Problem> {
  if (wire.node === '') return err(missingField('node'));
  const pending = decodeInteger(wire.pendingCount, 'pendingCount');
  if (!pending.ok) return pending;
  const high = decodeInteger(wire.highWatermark, 'highWatermark');
  if (!high.ok) return high;
  const low = decodeInteger(wire.lowWatermark, 'lowWatermark');
  if (!low.ok) return low;
  return ok({
    node: wire.node,
    queue: wire.queue,
    isActive: wire.isActive,
    pendingCount: pending.value,
    highWatermark: high.value,
    lowWatermark: low.value,
    observedAt: decodeTime(wire.observedAt),
  });
}
