import { err, ok, type Result } from '../base/result.ts';
import type { Problem } from '../domain/problem.ts';
import { outOfRange } from './out-of-range.ts';

/** Where a listing goes on: the position of the registry when it began, and the next shard's index. */
export interface PageCursor {
  readonly position: number;
  readonly next: number;
}

/** Opaque to callers. */
export function encodePageCursor(cursor: PageCursor): string {
  return Buffer.from(`${cursor.position} ${cursor.next}`).toString('base64url');
}

/** Problem: CURSOR_INVALID. An empty text begins at the first shard. */
export function decodePageCursor(text: string, position: number): Result<PageCursor, Problem> {
  if (text === '') return ok({ position, next: 0 });
  const match = /^(\d{1,16}) (\d{1,9})$/.exec(Buffer.from(text, 'base64url').toString());
  if (match && Number(match[1]) <= position)
    return ok({ position: Number(match[1]), next: Number(match[2]) });
  return err({
    code: 'CURSOR_INVALID',
    message: 'the cursor is not one of this fleet',
    field: 'cursor',
    value: text,
  });
}

/** Problem: FIELD_INVALID outside of 0 to `largest`; 0 stands for `usual`. */
export function pageSizeOf(asked: number, usual: number, largest: number): Result<number, Problem> {
  if (asked >= 0 && asked <= largest) return ok(asked === 0 ? usual : asked);
  return err(outOfRange('pageSize', asked, `from 0 to ${largest}`));
}
