import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';

/** Milliseconds since the epoch as the contract's timestamp; fractions of a millisecond are cut off. */
export function encodeTime(ms: number): Timestamp {
  return timestampFromMs(Math.trunc(ms));
}

/** Milliseconds since the epoch; 0 for a time that was not told. */
export function decodeTime(timestamp: Timestamp | undefined): number {
  return timestamp ? timestampMs(timestamp) : 0;
}

/** A whole number as the contract's int64; fractions are cut off. */
export function encodeInteger(value: number): bigint {
  return BigInt(Math.trunc(value));
}

/** FIELD_INVALID when the number is beyond 2^53, where it could no longer be told from its neighbours. */
export function decodeInteger(value: bigint, field: string): Result<number, Problem> {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return ok(number);
  return err({
    code: 'FIELD_INVALID',
    message: `${field} is ${value}, which is beyond the integers that are exact`,
    field,
    value: String(value),
    limit: Number.MAX_SAFE_INTEGER,
  });
}

/** FIELD_REQUIRED for a message part that is missing. */
export function missingField(field: string): Problem {
  return { code: 'FIELD_REQUIRED', message: `${field} is missing`, field };
}
