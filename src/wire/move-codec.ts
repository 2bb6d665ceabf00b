import { create } from '@bufbuild/protobuf';
import type { Move, MoveProgress, MoveReason } from '../domain/move.ts';
import type { RequestedMove } from '../domain/planning.ts';
import {
  type Move as MoveMessage,
  type MoveProgress as MoveProgressMessage,
  MoveProgressSchema,
  type MoveReason as MoveReasonMessage,
  MoveReasonSchema,
  MoveSchema,
  MoveStep as MoveStepValue,
  type RequestedMove as RequestedMoveMessage,
  RequestedMoveSchema,
} from '../gen/meshkit/rebalancer/v1/move_pb.ts';
import { moveKindCodec, moveReasonCodeCodec, moveStateCodec, moveStepCodec } from './enums.ts';
import {
  compact,
  optionalTimeToMessage,
  timeFromMessage,
  wholeFromMessage,
  wholeToMessage,
} from './scalars.ts';

export function moveToMessage(move: Move): MoveMessage {
  return create(MoveSchema, {
    id: move.id,
    wave: move.wave,
    kind: moveKindCodec.toMessage(move.kind),
    shard: move.shard,
    replica: move.replica,
    successor: move.successor,
    source: move.source,
    destination: move.destination,
    leads: move.leads,
    expectedVersion: wholeToMessage(move.expectedVersion),
    bytes: move.bytes,
    load: [...move.load],
    reasons: move.reasons.map(moveReasonToMessage),
    gain: move.gain,
    price: move.price,
  });
}

/** Throws `ProblemError` FIELD_INVALID for an enum value that this program does not know; so do the others here. */
export function moveFromMessage(message: MoveMessage): Move {
  return {
    id: message.id,
    wave: message.wave,
    kind: moveKindCodec.fromMessage(message.kind),
    shard: message.shard,
    replica: message.replica,
    successor: message.successor,
    source: message.source,
    destination: message.destination,
    leads: message.leads,
    expectedVersion: wholeFromMessage(message.expectedVersion),
    bytes: message.bytes,
    load: [...message.load],
    reasons: message.reasons.map(moveReasonFromMessage),
    gain: message.gain,
    price: message.price,
  };
}

export function requestedMoveToMessage(move: RequestedMove): RequestedMoveMessage {
  return create(RequestedMoveSchema, {
    kind: moveKindCodec.toMessage(move.kind),
    shard: move.shard,
    replica: move.replica,
    successor: move.successor,
    destination: move.destination,
  });
}

export function requestedMoveFromMessage(message: RequestedMoveMessage): RequestedMove {
  return {
    kind: moveKindCodec.fromMessage(message.kind),
    shard: message.shard,
    replica: message.replica,
    successor: message.successor ?? message.replica,
    destination: message.destination,
  };
}

export function moveProgressToMessage(progress: MoveProgress): MoveProgressMessage {
  return create(MoveProgressSchema, {
    moveId: progress.moveId,
    state: moveStateCodec.toMessage(progress.state),
    step: progress.step === null ? MoveStepValue.UNSPECIFIED : moveStepCodec.toMessage(progress.step),
    attempts: progress.attempts,
    startedAt: optionalTimeToMessage(progress.startedAt),
    endedAt: optionalTimeToMessage(progress.endedAt),
    resultVersion: wholeToMessage(progress.resultVersion),
    failure: progress.failure
      ? { code: progress.failure.code, message: progress.failure.message }
      : undefined,
  });
}

export function moveProgressFromMessage(message: MoveProgressMessage): MoveProgress {
  return {
    moveId: message.moveId,
    state: moveStateCodec.fromMessage(message.state),
    step: moveStepCodec.optionalFromMessage(message.step) ?? null,
    attempts: message.attempts,
    startedAt: timeFromMessage(message.startedAt),
    endedAt: timeFromMessage(message.endedAt),
    resultVersion: wholeFromMessage(message.resultVersion),
    failure: message.failure ? { code: message.failure.code, message: message.failure.message } : null,
  };
}

function moveReasonToMessage(reason: MoveReason): MoveReasonMessage {
  return create(MoveReasonSchema, {
    code: moveReasonCodeCodec.toMessage(reason.code),
    subject: reason.subject,
    dimension: reason.dimension,
    before: reason.before,
    after: reason.after,
    limit: reason.limit,
  });
}

function moveReasonFromMessage(message: MoveReasonMessage): MoveReason {
  return compact({
    code: moveReasonCodeCodec.fromMessage(message.code),
    subject: message.subject,
    dimension: message.dimension,
    before: message.before,
    after: message.after,
    limit: message.limit,
  });
}
