import type { Database } from 'bun:sqlite';
import type { Incident } from '../../domain/incident.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

export interface IncidentRows {
  /** 0 when there is no such incident. */
  revision(id: string): number;
  write(incident: Incident): void;
  get(id: string): Incident | undefined;
  /** Oldest first. */
  list(query: { readonly cluster?: string; readonly openOnly?: boolean }): readonly Incident[];
}

interface RecordRow {
  readonly record: string;
}

export function createIncidentRows(db: Database): IncidentRows {
  const selectRevision = db.query<{ revision: number }, [string]>(
    'SELECT revision FROM incidents WHERE id = ?',
  );
  const upsert = db.query(
    `INSERT INTO incidents (id, cluster, revision, opened_at, closed_at, record) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, closed_at = excluded.closed_at,
       record = excluded.record`,
  );
  const selectOne = db.query<RecordRow, [string]>('SELECT record FROM incidents WHERE id = ?');
  const selectOpen = db.query<RecordRow, [string | null]>(
    `SELECT record FROM incidents WHERE closed_at = 0 AND cluster = coalesce(?, cluster) ORDER BY opened_at, id`,
  );
  const selectAll = db.query<RecordRow, [string | null]>(
    'SELECT record FROM incidents WHERE cluster = coalesce(?, cluster) ORDER BY opened_at, id',
  );
  return {
    revision: (id) => selectRevision.get(id)?.revision ?? 0,
    write(incident) {
      const { id, cluster, revision, openedAt, closedAt } = incident;
      upsert.run(id, cluster, revision, openedAt, closedAt, storedText(incident));
    },
    get(id) {
      const row = selectOne.get(id);
      return row ? frozenFromJson<Incident>(row.record) : undefined;
    },
    list(query) {
      const rows = (query.openOnly ? selectOpen : selectAll).all(query.cluster ?? null);
      return rows.map((row) => frozenFromJson<Incident>(row.record));
    },
  };
}
