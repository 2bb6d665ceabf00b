import type { Database } from 'bun:sqlite';
import type { MoveTrace } from '../../domain/move-trace.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

export interface MoveTraceRows {
  append(trace: MoveTrace): void;
  /** Those that ended at or after `since`, oldest first. */
  since(cluster: string, namespace: string, since: number): readonly MoveTrace[];
}

export function createMoveTraceRows(db: Database): MoveTraceRows {
  const insert = db.query('INSERT INTO move_traces (cluster, namespace, at, trace) VALUES (?, ?, ?, ?)');
  const select = db.query<{ trace: string }, [string, string, number]>(
    'SELECT trace FROM move_traces WHERE cluster = ? AND namespace = ? AND at >= ? ORDER BY at, sequence',
  );
  return {
    append: (trace) => void insert.run(trace.cluster, trace.namespace, trace.at, storedText(trace)),
    since: (cluster, namespace, since) =>
      select.all(cluster, namespace, since).map((row) => frozenFromJson<MoveTrace>(row.trace)),
  };
}
