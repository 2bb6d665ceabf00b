import type { Database } from 'bun:sqlite';
import type { IdempotencyRecord } from '../../ports/store.ts';

export interface IdempotencyRows {
  /** Undefined when the key was never used or has expired by `now`. */
  get(key: string, now: number): IdempotencyRecord | undefined;
  write(record: IdempotencyRecord): void;
}

export function createIdempotencyRows(db: Database): IdempotencyRows {
  const select = db.query<IdempotencyRecord, [string, number]>(
    `SELECT key, request_digest AS requestDigest, subject, expires_at AS expiresAt FROM idempotency
     WHERE key = ? AND expires_at > ?`,
  );
  const upsert = db.query(
    `INSERT INTO idempotency (key, request_digest, subject, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET request_digest = excluded.request_digest, subject = excluded.subject,
       expires_at = excluded.expires_at`,
  );
  return {
    get(key, now) {
      const row = select.get(key, now);
      return row ? Object.freeze(row) : undefined;
    },
    write: (record) => void upsert.run(record.key, record.requestDigest, record.subject, record.expiresAt),
  };
}
