import type { Database } from 'bun:sqlite';
import type { DeadLetter } from '../../domain/webhook.ts';
import type { DeadLetterKey, DeadLetterQuery } from '../../ports/store.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

/** What one answer may hold at most, whatever is asked for. */
const maxDeadLettersPerRead = 1_000;

export interface DeadLetterRows {
  /** In the place of the one of the same webhook and event. */
  write(letter: DeadLetter): void;
  drop(key: DeadLetterKey): void;
  /** Ascending by sequence. */
  list(query: DeadLetterQuery): readonly DeadLetter[];
  count(cluster: string, webhook: string): number;
}

export function createDeadLetterRows(db: Database): DeadLetterRows {
  const upsert = db.query(
    `INSERT INTO dead_letters (cluster, webhook, sequence, failed_at, redeliver, record) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET failed_at = excluded.failed_at, redeliver = excluded.redeliver, record = excluded.record`,
  );
  const remove = db.query('DELETE FROM dead_letters WHERE cluster = ? AND webhook = ? AND sequence = ?');
  const columns = 'SELECT record FROM dead_letters WHERE cluster = ? AND webhook = ? AND sequence > ?';
  const selectAll = db.query<{ record: string }, [string, string, number, number]>(
    `${columns} ORDER BY sequence LIMIT ?`,
  );
  const selectAskedFor = db.query<{ record: string }, [string, string, number, number]>(
    `${columns} AND redeliver = 1 ORDER BY sequence LIMIT ?`,
  );
  const selectCount = db.query<{ count: number }, [string, string]>(
    'SELECT count(*) AS count FROM dead_letters WHERE cluster = ? AND webhook = ?',
  );
  return {
    write(letter) {
      const { cluster, webhook, event, last, redeliver } = letter;
      upsert.run(cluster, webhook, event.sequence, last.at, redeliver ? 1 : 0, storedText(letter));
    },
    drop: ({ cluster, webhook, sequence }) => void remove.run(cluster, webhook, sequence),
    list({ cluster, webhook, after, limit, redeliver }) {
      const most = Math.min(Math.max(1, Math.trunc(limit)), maxDeadLettersPerRead);
      const select = redeliver ? selectAskedFor : selectAll;
      return select
        .all(cluster, webhook, after ?? 0, most)
        .map((row) => frozenFromJson<DeadLetter>(row.record));
    },
    count: (cluster, webhook) => selectCount.get(cluster, webhook)?.count ?? 0,
  };
}
