import type { Database } from 'bun:sqlite';
import { err, ok, type Result } from '../../base/result.ts';
import type { MeshEvent, MeshEventDraft } from '../../domain/event.ts';
import type { Problem } from '../../domain/problem.ts';
import type { EventQuery } from '../../ports/store.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

/** What one answer may hold at most, whatever is asked for. */
export const maxEventsPerRead = 10_000;

/** Events above the retained window that gather before they are deleted, so that not every commit deletes. */
const pruneStep = 500;
/** Events deleted in one commit at most. */
const maxPrunedPerCommit = 5_000;

/** The feed: numbered, and retained in a window of bounded length. */
export interface EventRows {
  /** Numbers and stores the drafts, and drops what fell out of the window. */
  append(drafts: readonly MeshEventDraft[]): readonly MeshEvent[];
  /** Sequence of the newest; 0 when there is none. */
  head(): number;
  /** The position before the oldest. */
  tail(): number;
  after(query: EventQuery): Result<readonly MeshEvent[], Problem>;
}

interface Bounds {
  readonly oldest: number | null;
  readonly newest: number | null;
}

/** @param retained events that stay readable, at least */
export function createEventRows(db: Database, retained: number): EventRows {
  // Two statements: SQLite answers a lone min or max from the end of the tree, but scans for both together.
  const selectBounds = db.query<Bounds, []>(
    'SELECT (SELECT min(sequence) FROM events) AS oldest, (SELECT max(sequence) FROM events) AS newest',
  );
  const insert = db.query('INSERT INTO events (sequence, namespace, subject, event) VALUES (?, ?, ?, ?)');
  const deleteUpTo = db.query('DELETE FROM events WHERE sequence <= ?');
  const bounds = (): Bounds => selectBounds.get() ?? { oldest: null, newest: null };

  function prune(): void {
    const { oldest, newest } = bounds();
    if (oldest === null || newest === null) return;
    const surplus = newest - oldest + 1 - retained;
    if (surplus >= pruneStep) deleteUpTo.run(oldest - 1 + Math.min(surplus, maxPrunedPerCommit));
  }

  return {
    append(drafts) {
      if (drafts.length === 0) return [];
      let sequence = bounds().newest ?? 0;
      const events = drafts.map((draft): MeshEvent => {
        const text = storedText({ ...draft, sequence: ++sequence });
        insert.run(sequence, draft.namespace, draft.subject, text);
        return frozenFromJson<MeshEvent>(text);
      });
      prune();
      return events;
    },
    head: () => bounds().newest ?? 0,
    tail: () => (bounds().oldest ?? 1) - 1,
    after(query) {
      const { oldest, newest } = bounds();
      const first = (oldest ?? 1) - 1;
      const last = newest ?? 0;
      if (!Number.isSafeInteger(query.after) || query.after < first || query.after > last) {
        return err(invalidToken(query.after, first, last));
      }
      const conditions = ['sequence > ?'];
      const parameters: (string | number)[] = [query.after];
      for (const column of ['namespace', 'subject'] as const) {
        const value = query[column];
        if (value === undefined) continue;
        conditions.push(`${column} = ?`);
        parameters.push(value);
      }
      parameters.push(Math.min(Math.max(1, Math.trunc(query.limit)), maxEventsPerRead));
      const rows = db
        .query<{ event: string }, (string | number)[]>(
          `SELECT event FROM events WHERE ${conditions.join(' AND ')} ORDER BY sequence LIMIT ?`,
        )
        .all(...parameters);
      return ok(rows.map((row) => frozenFromJson<MeshEvent>(row.event)));
    },
  };
}

function invalidToken(after: number, first: number, last: number): Problem {
  return {
    code: 'RESUME_TOKEN_INVALID',
    message: `there are no events after ${after}: positions from ${first} to ${last} are retained`,
    field: 'after',
    value: after,
    limit: `${first}..${last}`,
  };
}
