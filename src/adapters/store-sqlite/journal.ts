import type { Database } from 'bun:sqlite';
import type { JournalEntry } from '../../domain/journal-entry.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

/** The journals of executions: appended, never changed. */
export interface JournalRows {
  append(entry: JournalEntry): void;
  /** In the order written. */
  ofPlan(planId: string): readonly JournalEntry[];
}

export function createJournalRows(db: Database): JournalRows {
  const insert = db.query('INSERT INTO journal (plan_id, entry) VALUES (?, ?)');
  const select = db.query<{ entry: string }, [string]>(
    'SELECT entry FROM journal WHERE plan_id = ? ORDER BY sequence',
  );
  return {
    append: (entry) => void insert.run(entry.planId, storedText(entry)),
    ofPlan: (planId) => select.all(planId).map((row) => frozenFromJson<JournalEntry>(row.entry)),
  };
}
