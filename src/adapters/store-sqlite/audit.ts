import type { Database } from 'bun:sqlite';
import { genesisHash, sealRecord } from '../../audit/seal-record.ts';
import type { ChainLink } from '../../audit/verify-chain.ts';
import type { AuditDraft, AuditRecord } from '../../domain/audit-record.ts';
import type { AuditQuery } from '../../ports/store.ts';
import { frozenFromJson } from './frozen.ts';
import { storedText } from './stored-text.ts';

/** What one answer may hold at most, whatever is asked for. */
export const maxAuditRecords = 10_000;

/**
 * The audit trail. A row is the record's text and nothing beside it: what is filtered by is computed from the text, so
 * that no column can be altered without the chain showing it. The head is kept apart, so that a trail that was cut at
 * its end shows as well.
 */
export interface AuditRows {
  /** Seals the drafts onto the chain, in order. */
  append(drafts: readonly AuditDraft[]): readonly AuditRecord[];
  head(): ChainLink;
  /** Ascending by sequence. */
  list(query: AuditQuery): readonly AuditRecord[];
}

export function createAuditRows(db: Database): AuditRows {
  const selectHead = db.query<ChainLink, []>('SELECT sequence, hash FROM audit_head WHERE id = 1');
  const writeHead = db.query(
    `INSERT INTO audit_head (id, sequence, hash) VALUES (1, ?, ?)
     ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash`,
  );
  const insert = db.query('INSERT INTO audit (sequence, record) VALUES (?, ?)');
  const head = (): ChainLink => selectHead.get() ?? { sequence: 0, hash: genesisHash };

  return {
    head,
    append(drafts) {
      if (drafts.length === 0) return [];
      let { sequence, hash } = head();
      const records = drafts.map((draft) => {
        const record = sealRecord(draft, ++sequence, hash);
        hash = record.hash;
        const text = storedText(record);
        insert.run(sequence, text);
        return frozenFromJson<AuditRecord>(text);
      });
      writeHead.run(sequence, hash);
      return records;
    },
    list(query) {
      const conditions = ['sequence > ?'];
      const parameters: (string | number)[] = [query.after ?? 0];
      for (const column of ['namespace', 'subject', 'actor', 'action'] as const) {
        const value = query[column];
        if (value === undefined) continue;
        conditions.push(`${column} = ?`);
        parameters.push(value);
      }
      parameters.push(Math.min(Math.max(1, Math.trunc(query.limit)), maxAuditRecords));
      const rows = db
        .query<{ record: string }, (string | number)[]>(
          `SELECT record FROM audit WHERE ${conditions.join(' AND ')} ORDER BY sequence LIMIT ?`,
        )
        .all(...parameters);
      return rows.map((row) => frozenFromJson<AuditRecord>(row.record));
    },
  };
}
