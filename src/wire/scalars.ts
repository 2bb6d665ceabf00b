import { create } from '@bufbuild/protobuf';
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from '@bufbuild/protobuf/wkt';

/** A time that always exists, of milliseconds since the epoch; kept to the nanosecond. */
export function timeToMessage(ms: number): Timestamp {
  return create(TimestampSchema, split(ms));
}

/** A time that may not have happened: 0 in the domain, absent in the message. */
export function optionalTimeToMessage(ms: number): Timestamp | undefined {
  return ms === 0 ? undefined : timeToMessage(ms);
}

/** Milliseconds since the epoch; 0 for an absent time. */
export function timeFromMessage(message: Timestamp | undefined): number {
  return message ? join(message) : 0;
}

/** A duration of milliseconds; one that is infinite becomes the longest that the message can hold. */
export function durationToMessage(ms: number): Duration {
  return create(DurationSchema, split(Math.max(-longestMs, Math.min(longestMs, ms))));
}

/** As `durationToMessage`, and absent for an absent one. */
export function optionalDurationToMessage(ms: number | undefined): Duration | undefined {
  return ms === undefined ? undefined : durationToMessage(ms);
}

/** Milliseconds; 0 for an absent duration. */
export function durationFromMessage(message: Duration | undefined): number {
  return message ? join(message) : 0;
}

/** Milliseconds; undefined for an absent duration. */
export function optionalDurationFromMessage(message: Duration | undefined): number | undefined {
  return message ? join(message) : undefined;
}

/** A count, version or position of the domain (an integer up to 2^53) as an int64; a fraction is rounded. */
export function wholeToMessage(value: number): bigint {
  return BigInt(Math.round(Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value))));
}

/** As `wholeToMessage`, and absent for an absent one. */
export function optionalWholeToMessage(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : wholeToMessage(value);
}

/** The number of an int64; beyond 2^53 the nearest that a number can hold. */
export function wholeFromMessage(value: bigint): number {
  return Number(value);
}

/** As `wholeFromMessage`, and absent for an absent one. */
export function optionalWholeFromMessage(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** The object without its members that are `undefined`, so that spreading it over another one changes nothing else. */
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

/** google.protobuf.Duration holds 315 576 000 000 s, 10 000 years. */
const longestMs = 315_576_000_000_000;

/** Seconds and nanoseconds of the same sign for durations; callers with times before 1970 do not exist. */
function split(ms: number): { seconds: bigint; nanos: number } {
  const sign = ms < 0 ? -1 : 1;
  let seconds = Math.floor(Math.abs(ms) / 1_000);
  let nanos = Math.round((Math.abs(ms) - seconds * 1_000) * 1_000_000);
  if (nanos >= 1_000_000_000) {
    seconds += 1;
    nanos -= 1_000_000_000;
  }
  return { seconds: BigInt(sign * seconds), nanos: nanos === 0 ? 0 : sign * nanos };
}

function join(message: { readonly seconds: bigint; readonly nanos: number }): number {
  return Number(message.seconds) * 1_000 + message.nanos / 1_000_000;
}
