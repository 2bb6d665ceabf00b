import { digestOfJson } from '../../base/digest.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { PlanQuery } from '../../ports/store.ts';

/** Digits of the digest that bind a cursor to its query. */
const bindingDigits = 20;

/** Text that continues exactly this query after an ordinal, in its order; the page size may change from page to page. */
export function writeCursor(query: PlanQuery, ordinal: number): string {
  return Buffer.from(`${ordinal}.${binding(query, ordinal)}`).toString('base64url');
}

/**
 * The ordinal after which the query goes on; before every one without a cursor. Problem: CURSOR_INVALID for a text that
 * is not a cursor of ours, or is one of another query.
 */
export function readCursor(query: PlanQuery): Result<number, Problem> {
  const { cursor } = query;
  if (cursor === undefined || cursor === '') return ok(query.oldestFirst ? 0 : Number.MAX_SAFE_INTEGER);
  const ordinal = Number(Buffer.from(cursor, 'base64url').toString().split('.')[0]);
  if (Number.isSafeInteger(ordinal) && ordinal > 0 && writeCursor(query, ordinal) === cursor)
    return ok(ordinal);
  return err({
    code: 'CURSOR_INVALID',
    message: 'the cursor is not one of ours, or is one of another query',
    field: 'cursor',
    value: cursor.slice(0, 100),
    remedy: 'Keep the filters while paging, or begin again without a cursor.',
  });
}

function binding(query: PlanQuery, ordinal: number): string {
  const digest = digestOfJson({
    cluster: query.cluster,
    namespace: query.namespace,
    statuses: [...new Set(query.statuses ?? [])].sort(),
    ordinal,
    ...(query.oldestFirst ? { oldestFirst: true } : {}),
  });
  return digest.slice('sha256:'.length, 'sha256:'.length + bindingDigits);
}
