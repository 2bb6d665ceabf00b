import type { Database } from 'bun:sqlite';
import type { WebhookCursor } from '../../domain/webhook.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

export interface WebhookCursorRows {
  /** 0 when the webhook has no cursor yet. */
  revision(cluster: string, webhook: string): number;
  write(cursor: WebhookCursor): void;
  /** By name. */
  ofCluster(cluster: string): readonly WebhookCursor[];
}

export function createWebhookCursorRows(db: Database): WebhookCursorRows {
  const selectRevision = db.query<{ revision: number }, [string, string]>(
    'SELECT revision FROM webhook_cursors WHERE cluster = ? AND webhook = ?',
  );
  const upsert = db.query(
    `INSERT INTO webhook_cursors (cluster, webhook, revision, record) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET revision = excluded.revision, record = excluded.record`,
  );
  const select = db.query<{ record: string }, [string]>(
    'SELECT record FROM webhook_cursors WHERE cluster = ? ORDER BY webhook',
  );
  return {
    revision: (cluster, webhook) => selectRevision.get(cluster, webhook)?.revision ?? 0,
    write: (cursor) => void upsert.run(cursor.cluster, cursor.webhook, cursor.revision, storedText(cursor)),
    ofCluster: (cluster) => select.all(cluster).map((row) => frozenFromJson<WebhookCursor>(row.record)),
  };
}
