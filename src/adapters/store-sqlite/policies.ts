import type { Database } from 'bun:sqlite';
import type { PolicyDocument } from '../../domain/policy-overlay.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

/** Every revision of every policy stays: plans name the one they were made under. */
export interface PolicyRows {
  /** Of the newest; 0 when there is none. */
  revision(cluster: string, namespace: string): number;
  write(document: PolicyDocument): void;
  /** The newest without a revision. */
  get(cluster: string, namespace: string, revision?: number): PolicyDocument | undefined;
  newest(): readonly PolicyDocument[];
  /** Ascending. */
  revisions(cluster: string, namespace: string): readonly PolicyDocument[];
}

interface DocumentRow {
  readonly document: string;
}

export function createPolicyRows(db: Database): PolicyRows {
  const selectRevision = db.query<{ revision: number }, [string, string]>(
    'SELECT coalesce(max(revision), 0) AS revision FROM policies WHERE cluster = ? AND namespace = ?',
  );
  const insert = db.query(
    'INSERT INTO policies (cluster, namespace, revision, document) VALUES (?, ?, ?, ?)',
  );
  const selectOne = db.query<DocumentRow, [string, string, number]>(
    'SELECT document FROM policies WHERE cluster = ? AND namespace = ? AND revision = ?',
  );
  const selectNewest = db.query<DocumentRow, []>(
    `SELECT document FROM policies AS each
     WHERE revision = (SELECT max(revision) FROM policies
                       WHERE cluster = each.cluster AND namespace = each.namespace)
     ORDER BY cluster, namespace`,
  );
  const selectRevisions = db.query<DocumentRow, [string, string]>(
    'SELECT document FROM policies WHERE cluster = ? AND namespace = ? ORDER BY revision',
  );
  const revision = (cluster: string, namespace: string): number =>
    selectRevision.get(cluster, namespace)?.revision ?? 0;

  return {
    revision,
    write(document) {
      insert.run(document.cluster, document.namespace, document.revision, storedText(document));
    },
    get(cluster, namespace, wanted) {
      const row = selectOne.get(cluster, namespace, wanted ?? revision(cluster, namespace));
      return row ? frozenFromJson<PolicyDocument>(row.document) : undefined;
    },
    newest: () => frozenList(selectNewest.all()),
    revisions: (cluster, namespace) => frozenList(selectRevisions.all(cluster, namespace)),
  };
}

function frozenList(rows: readonly DocumentRow[]): readonly PolicyDocument[] {
  return rows.map((row) => frozenFromJson<PolicyDocument>(row.document));
}
