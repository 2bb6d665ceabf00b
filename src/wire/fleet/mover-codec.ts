import { create } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../../base/result.ts';
import { type ErrorCode, errorCodes } from '../../domain/error-codes.ts';
import type { MoveKind } from '../../domain/move.ts';
import type { Problem } from '../../domain/problem.ts';
import {
  type MoveCall,
  MoveCallSchema,
  type MoveOutcome,
  MoveOutcomeSchema,
  MovePhase,
  type MoveRefused,
  type StatusResponse,
  StatusResponseSchema,
  MoveKind as WireKind,
} from '../../gen/meshkit/shards/v1/shard_movement_pb.ts';
import type { MoverAnswer, MoverCall, MoverPhase, MoverStatusAnswer } from '../../ports/shard-mover.ts';
import { decodeInteger, encodeInteger, missingField } from './wire-number.ts';

const kindToWire: Readonly<Record<MoveKind, WireKind>> = {
  relocate: WireKind.RELOCATE,
  transferLeadership: WireKind.TRANSFER_LEADERSHIP,
};

const phaseToWire: Readonly<Record<MoverPhase, MovePhase>> = {
  preparing: MovePhase.PREPARING,
  prepared: MovePhase.PREPARED,
  draining: MovePhase.DRAINING,
  drained: MovePhase.DRAINED,
  transferred: MovePhase.TRANSFERRED,
  released: MovePhase.RELEASED,
  aborted: MovePhase.ABORTED,
};

const phaseFromWire = new Map<MovePhase, MoverPhase>(
  (Object.keys(phaseToWire) as MoverPhase[]).map((phase) => [phaseToWire[phase], phase]),
);

/** `meshkit.shards.v1.MoveCall` of a call. */
export function encodeMoverCall(call: MoverCall): MoveCall {
  return create(MoveCallSchema, {
    moveKey: call.moveKey,
    namespace: call.namespace,
    shard: call.shard,
    kind: kindToWire[call.kind],
    replica: call.replica,
    successor: call.successor,
    source: call.source,
    destination: call.destination,
    expectedVersion: encodeInteger(call.expectedVersion),
    fencingToken: encodeInteger(call.fencingToken),
    changeTicket: call.changeTicket,
  });
}

/** Problems: FIELD_REQUIRED for a missing call, key or kind, FIELD_INVALID for a number that is not exact. */
export function decodeMoverCall(wire: MoveCall | undefined): Result<MoverCall, Problem> {
  if (!wire) return err(missingField('call'));
  if (wire.moveKey === '') return err(missingField('call.moveKey'));
  if (wire.kind !== WireKind.RELOCATE && wire.kind !== WireKind.TRANSFER_LEADERSHIP) {
    return err(missingField('call.kind'));
  }
  const expectedVersion = decodeInteger(wire.expectedVersion, 'call.expectedVersion');
  if (!expectedVersion.ok) return expectedVersion;
  const fencingToken = decodeInteger(wire.fencingToken, 'call.fencingToken');
  if (!fencingToken.ok) return fencingToken;
  return ok({
    moveKey: wire.moveKey,
    namespace: wire.namespace,
    shard: wire.shard,
    kind: wire.kind === WireKind.RELOCATE ? 'relocate' : 'transferLeadership',
    replica: wire.replica,
    successor: wire.successor,
    source: wire.source,
    destination: wire.destination,
    expectedVersion: expectedVersion.value,
    fencingToken: fencingToken.value,
    changeTicket: wire.changeTicket,
  });
}

/** `meshkit.shards.v1.MoveOutcome` of an answer that somebody gave. */
export function encodeMoverAnswer(answer: Exclude<MoverAnswer, { kind: 'unreachable' }>): MoveOutcome {
  switch (answer.kind) {
    case 'done':
      return create(MoveOutcomeSchema, {
        result: { case: 'done', value: { version: encodeInteger(answer.version) } },
      });
    case 'inProgress':
      return create(MoveOutcomeSchema, {
        result: {
          case: 'inProgress',
          value: {
            bytesCopied: encodeInteger(answer.bytesCopied),
            bytesTotal: encodeInteger(answer.bytesTotal),
          },
        },
      });
    case 'refused':
      return create(MoveOutcomeSchema, {
        result: {
          case: 'refused',
          value: {
            code: answer.problem.code,
            message: answer.problem.message,
            subject: answer.problem.subject ?? '',
            value: String(answer.problem.value ?? ''),
            limit: String(answer.problem.limit ?? ''),
            remedy: answer.problem.remedy ?? '',
            retryable: answer.retryable,
          },
        },
      });
  }
}

/** An outcome without a result is as good as no answer: `unreachable`. */
export function decodeMoverAnswer(wire: MoveOutcome | undefined): MoverAnswer {
  switch (wire?.result.case) {
    case 'done':
      return { kind: 'done', version: Number(wire.result.value.version) };
    case 'inProgress': {
      const progress = wire.result.value;
      return {
        kind: 'inProgress',
        bytesCopied: Number(progress.bytesCopied),
        bytesTotal: Number(progress.bytesTotal),
      };
    }
    case 'refused':
      return {
        kind: 'refused',
        problem: decodeRefusal(wire.result.value),
        retryable: wire.result.value.retryable,
      };
    case undefined:
      return { kind: 'unreachable', problem: emptyAnswer };
  }
}

/** `meshkit.shards.v1.StatusResponse` of an answer that somebody gave. */
export function encodeMoverStatus(
  answer: Exclude<MoverStatusAnswer, { kind: 'unreachable' }>,
): StatusResponse {
  if (answer.kind === 'unknownMove') {
    return create(StatusResponseSchema, { status: { case: 'unknownMove', value: {} } });
  }
  const known = { phase: phaseToWire[answer.phase], version: encodeInteger(answer.version) };
  return create(StatusResponseSchema, { status: { case: 'known', value: known } });
}

/** A status without content, or of a phase that this program does not know, is `unreachable`. */
export function decodeMoverStatus(wire: StatusResponse): MoverStatusAnswer {
  if (wire.status.case === 'unknownMove') return { kind: 'unknownMove' };
  if (wire.status.case === 'known') {
    const phase = phaseFromWire.get(wire.status.value.phase);
    if (phase) return { kind: 'known', phase, version: Number(wire.status.value.version) };
  }
  return { kind: 'unreachable', problem: emptyAnswer };
}

const emptyAnswer: Problem = {
  code: 'FLEET_UNREACHABLE',
  message: 'the fleet gave an answer without content',
  remedy: 'Check that the fleet serves the same version of meshkit.shards.v1.',
};

/** A code that our registry does not have becomes MOVE_REFUSED, with the fleet's own code in the message. */
function decodeRefusal(refused: MoveRefused): Problem {
  const code = refused.code;
  const head = isErrorCode(code)
    ? { code, message: refused.message }
    : { code: 'MOVE_REFUSED' as const, message: `${code}: ${refused.message}` };
  return {
    ...head,
    ...(refused.subject && { subject: refused.subject }),
    ...(refused.value && { value: refused.value }),
    ...(refused.limit && { limit: refused.limit }),
    ...(refused.remedy && { remedy: refused.remedy }),
  };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
