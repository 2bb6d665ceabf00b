import { nextTurn } from '../base/next-turn.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import type { Problem } from '../domain/problem.ts';
import type { Store } from '../ports/store.ts';
import { auditPageSize, type ChainLink, chainStart, follow } from './verify-chain.ts';

/** The whole trail as JSON Lines: one record a line, without line ends, oldest first. Memory: one page of records. */
export async function* exportAudit(store: Pick<Store, 'auditRecords'>): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const page = await store.auditRecords({ after, limit: auditPageSize });
    for (const record of page) yield JSON.stringify(record);
    after = page.at(-1)?.sequence ?? after;
    if (page.length < auditPageSize) return;
    await nextTurn();
  }
}

/**
 * Proves an exported trail without the store: every record from the first follows from the one before. What an export
 * cannot show by itself is that records are missing at its end: compare the last hash with the store's or with one
 * noted elsewhere. Problems: AUDIT_CHAIN_BROKEN about the first record that does not fit; INPUT_MALFORMED about the
 * first line that is not a record.
 */
export async function verifyExport(
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<Result<ChainLink, Problem>> {
  let link = chainStart;
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const record = parseRecord(line);
    if (!record) {
      return err({
        code: 'INPUT_MALFORMED',
        message: `line ${number} is not an audit record`,
        field: `line ${number}`,
        value: line.slice(0, 100),
      });
    }
    const next = follow(link, record);
    if (!next.ok) return next;
    link = next.value;
  }
  return ok(link);
}

/** Only what the chain is made of is looked at; the hash proves the rest. */
function parseRecord(line: string): AuditRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { sequence, previousHash, hash } = value as Partial<Record<keyof AuditRecord, unknown>>;
    const isRecord =
      typeof sequence === 'number' && typeof previousHash === 'string' && typeof hash === 'string';
    return isRecord ? (value as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
}
