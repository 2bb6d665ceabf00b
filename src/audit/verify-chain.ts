import { nextTurn } from '../base/next-turn.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import type { Problem } from '../domain/problem.ts';
import type { Store } from '../ports/store.ts';
import { genesisHash, hashOfRecord } from './seal-record.ts';

/** How far a chain is proved: the last record that fits. */
export interface ChainLink {
  /** Number of the last record, and of records, since they begin with 1; 0 before the first. */
  readonly sequence: number;
  readonly hash: string;
}

export const chainStart: ChainLink = { sequence: 0, hash: genesisHash };

/** Records read from the store at a time while a chain is verified or exported. */
export const auditPageSize = 1_000;

/**
 * Whether each record follows from the one before. Problem: AUDIT_CHAIN_BROKEN, about the first that does not, with
 * what was found and what should be there.
 *
 * @param previousHash hash of the record before the first of `records`
 * @param previousSequence its number; 0 when `records` begin the chain
 */
export function verifyChain(
  records: Iterable<AuditRecord>,
  previousHash: string,
  previousSequence = 0,
): Result<ChainLink, Problem> {
  let link: ChainLink = { sequence: previousSequence, hash: previousHash };
  for (const record of records) {
    const next = follow(link, record);
    if (!next.ok) return next;
    link = next.value;
  }
  return ok(link);
}

/**
 * Recomputes the whole chain of a store, a page at a time with room for other work in between, and proves that it
 * ends where the store says it does.
 */
export async function verifyStoredChain(
  store: Pick<Store, 'auditRecords' | 'auditHead'>,
): Promise<Result<ChainLink, Problem>> {
  // Taken first: records appended meanwhile lie behind it and are verified as well.
  const head = await store.auditHead();
  let link = chainStart;
  for (;;) {
    const page = await store.auditRecords({ after: link.sequence, limit: auditPageSize });
    const next = verifyChain(page, link.hash, link.sequence);
    if (!next.ok) return next;
    link = next.value;
    if (page.length < auditPageSize) break;
    await nextTurn();
  }
  if (link.sequence < head.sequence) {
    return err(
      broken(link.sequence + 1, 'is missing: the trail ends before it', link.sequence, head.sequence),
    );
  }
  return ok(link);
}

/** One step along the chain. */
export function follow(link: ChainLink, record: AuditRecord): Result<ChainLink, Problem> {
  const expected = link.sequence + 1;
  if (record.sequence !== expected) {
    const why = record.sequence > expected ? 'is missing' : 'has another number';
    return err(broken(expected, why, record.sequence, expected));
  }
  if (record.previousHash !== link.hash) {
    return err(broken(expected, 'does not follow from the one before', record.previousHash, link.hash));
  }
  const hash = hashIfPossible(record);
  if (record.hash !== hash) return err(broken(expected, 'was altered', record.hash, hash));
  return ok({ sequence: expected, hash });
}

/** Empty where an alteration left something that has no canonical form. */
function hashIfPossible(record: AuditRecord): string {
  try {
    return hashOfRecord(record);
  } catch {
    return '';
  }
}

function broken(sequence: number, why: string, value: string | number, limit: string | number): Problem {
  return {
    code: 'AUDIT_CHAIN_BROKEN',
    message: `audit record ${sequence} ${why}`,
    field: 'sequence',
    value,
    limit,
    subject: `audit/${sequence}`,
  };
}
