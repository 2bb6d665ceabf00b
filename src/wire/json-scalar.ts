import { type DescEnum, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { parseDuration } from '../base/duration.ts';
import { err, ok, type Result } from '../base/result.ts';

/** What was expected instead of the value, in words; becomes the `limit` of a problem. */
export type Expected = string;

/** Brings a scalar of a file into protobuf's JSON form. */
export function readScalar(type: ScalarType, value: unknown): Result<JsonValue, Expected> {
  switch (type) {
    case ScalarType.STRING:
      if (typeof value !== 'string') return err('a text (put it in quotes)');
      // Half of a character, which JSON can write and UTF-8 cannot.
      return value.isWellFormed() ? ok(value) : err('a text of whole Unicode characters');
    case ScalarType.BOOL:
      return typeof value === 'boolean' ? ok(value) : err('true or false');
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return readNumber(value);
    case ScalarType.BYTES:
      return typeof value === 'string' ? ok(value) : err('base64 text');
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return readInteger(value, -(2n ** 63n), 2n ** 63n - 1n);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return readInteger(value, 0n, 2n ** 64n - 1n);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return readInteger(value, 0n, 2n ** 32n - 1n);
    default:
      return readInteger(value, -(2n ** 31n), 2n ** 31n - 1n);
  }
}

/** Numbers that JSON cannot write come as the texts that protobuf uses; what they mean is for validation to say. */
function readNumber(value: unknown): Result<JsonValue, Expected> {
  if (typeof value === 'number') return ok(Number.isFinite(value) ? value : String(value));
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return ok(value);
  return err('a number');
}

function readInteger(value: unknown, min: bigint, max: bigint): Result<JsonValue, Expected> {
  const expected = `an integer from ${min} to ${max}`;
  let integer: bigint;
  if (typeof value === 'number' && Number.isSafeInteger(value)) integer = BigInt(value);
  else if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) integer = BigInt(value);
  else return err(expected);
  if (integer < min || integer > max) return err(expected);
  return ok(typeof value === 'number' ? value : integer.toString());
}

/** The seconds that google.protobuf.Duration can hold: 10 000 years. */
const maxDurationSeconds = 315_576_000_000;

/** `250ms`, `30s`, `1m30s`, `2h`, `1d` as protobuf's `90s`. */
export function readDuration(value: unknown): Result<JsonValue, Expected> {
  const expected = 'a duration such as 250ms, 30s, 1m30s, 2h or 1d';
  if (typeof value !== 'string') return err(expected);
  const parsed = parseDuration(value);
  if (!parsed.ok || parsed.value / 1_000 > maxDurationSeconds) return err(expected);
  // Protobuf's own form is exact to the nanosecond as it stands; a number of milliseconds may not be.
  if (/^\d{1,12}(\.\d{1,9})?s$/.test(value)) return ok(value);
  // toFixed never writes an exponent; people who need less than a microsecond write protobuf's form.
  return ok(`${(parsed.value / 1_000).toFixed(6).replace(/\.?0+$/, '')}s`);
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** A time with its zone, as UTC with milliseconds. */
export function readTime(value: unknown): Result<JsonValue, Expected> {
  const expected = 'a time such as 2026-12-24T18:00:00Z or 2026-12-24T19:00:00+01:00';
  if (typeof value !== 'string' || !rfc3339.test(value)) return err(expected);
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? err(expected) : ok(new Date(ms).toISOString());
}

/** A value of an enum by its number, by its name in the contract, or by the short word that people write. */
export function readEnum(desc: DescEnum, value: unknown): Result<JsonValue, Expected> {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return ok(value);
  const known = typeof value === 'string' ? wordsOf(desc).get(value) : undefined;
  return known === undefined ? err(shortWords(desc).join(', ')) : ok(known);
}

const wordCache = new WeakMap<DescEnum, ReadonlyMap<string, number>>();

function wordsOf(desc: DescEnum): ReadonlyMap<string, number> {
  let words = wordCache.get(desc);
  if (!words) {
    const pairs = desc.values.flatMap((each): [string, number][] => [
      [each.name, each.number],
      ...(each.number === 0 ? [] : [[shortWord(desc, each.name), each.number] as [string, number]]),
    ]);
    words = new Map(pairs);
    wordCache.set(desc, words);
  }
  return words;
}

/** `PLAN_STATUS_PENDING_APPROVAL` → `pendingApproval`. */
export function shortWord(desc: DescEnum, name: string): string {
  const bare = name.toLowerCase().slice(desc.sharedPrefix?.length ?? 0);
  return bare.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function shortWords(desc: DescEnum): string[] {
  return desc.values.filter((each) => each.number !== 0).map((each) => shortWord(desc, each.name));
}
