import type { Database } from 'bun:sqlite';
import type { NodeAdminRecord } from '../../ports/store.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

export interface NodeAdminRows {
  /** 0 when nobody has said anything about the node. */
  revision(cluster: string, node: string): number;
  write(record: NodeAdminRecord): void;
  /** By node. */
  ofCluster(cluster: string): readonly NodeAdminRecord[];
}

export function createNodeAdminRows(db: Database): NodeAdminRows {
  const selectRevision = db.query<{ revision: number }, [string, string]>(
    'SELECT revision FROM node_admin_states WHERE cluster = ? AND node = ?',
  );
  const upsert = db.query(
    `INSERT INTO node_admin_states (cluster, node, revision, record) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET revision = excluded.revision, record = excluded.record`,
  );
  const select = db.query<{ record: string }, [string]>(
    'SELECT record FROM node_admin_states WHERE cluster = ? ORDER BY node',
  );
  return {
    revision: (cluster, node) => selectRevision.get(cluster, node)?.revision ?? 0,
    write: (record) => void upsert.run(record.cluster, record.node, record.revision, storedText(record)),
    ofCluster: (cluster) => select.all(cluster).map((row) => frozenFromJson<NodeAdminRecord>(row.record)),
  };
}
