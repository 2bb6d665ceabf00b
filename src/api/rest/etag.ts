import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import type { Problem } from '../../domain/problem.ts';

/** The value at a dotted path of the contract's names (`plan.revision`) of something in protobuf's JSON form. */
export function valueAt(json: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = json;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = value[jsonNameOf(name)];
  }
  return value;
}

/** `max_moves` → `maxMoves`. */
export function jsonNameOf(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function etagOf(answer: JsonObject, path: string): string | undefined {
  const value = path === '' ? undefined : valueAt(answer, path);
  return typeof value === 'string' || typeof value === 'number' ? `"${value}"` : undefined;
}

/** The revision that a conditional request names; undefined without a condition. Problem: FIELD_INVALID. */
export function readCondition(headers: Headers): { readonly revision?: string; readonly problem?: Problem } {
  const match = headers.get('if-match');
  const none = headers.get('if-none-match');
  // RFC 9110, 13.1: `*` is any revision there is, and with If-None-Match that there is none.
  if (none === '*') return { revision: '0' };
  if (match === null || match === '*') return {};
  const revision = /^"(\d{1,15})"$/.exec(match.trim())?.[1];
  if (revision !== undefined) return { revision };
  return {
    problem: {
      code: 'FIELD_INVALID',
      message: 'If-Match does not name one revision',
      field: 'If-Match',
      value: match.slice(0, 100),
      limit: 'the ETag of an answer, such as "3"',
      remedy: 'Give the ETag of the answer that was read, in its quotes.',
    },
  };
}

/** Whether what the caller has already is what it would be answered (RFC 9110, 13.1.2). */
export function isUnchanged(headers: Headers, etag: string | undefined): boolean {
  const known = headers.get('if-none-match');
  if (etag === undefined || known === null) return false;
  return known.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
}
