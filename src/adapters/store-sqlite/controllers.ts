import type { Database } from 'bun:sqlite';
import type { ControllerRecord } from '../../domain/controller-state.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

export interface ControllerRows {
  /** 0 when there is none yet. */
  revision(cluster: string, namespace: string): number;
  write(record: ControllerRecord): void;
  all(): readonly ControllerRecord[];
}

export function createControllerRows(db: Database): ControllerRows {
  const selectRevision = db.query<{ revision: number }, [string, string]>(
    'SELECT revision FROM controllers WHERE cluster = ? AND namespace = ?',
  );
  const upsert = db.query(
    `INSERT INTO controllers (cluster, namespace, revision, record) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET revision = excluded.revision, record = excluded.record`,
  );
  const selectAll = db.query<{ record: string }, []>(
    'SELECT record FROM controllers ORDER BY cluster, namespace',
  );
  return {
    revision: (cluster, namespace) => selectRevision.get(cluster, namespace)?.revision ?? 0,
    write(record) {
      upsert.run(record.cluster, record.namespace, record.revision, storedText(record));
    },
    all: () => selectAll.all().map((row) => frozenFromJson<ControllerRecord>(row.record)),
  };
}
