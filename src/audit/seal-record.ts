import { digestOfJson } from '../base/digest.ts';
import type { AuditDraft, AuditRecord } from '../domain/audit-record.ts';

/** What the first record of a chain names as the one before it. */
export const genesisHash = `sha256:${'0'.repeat(64)}`;

/**
 * Gives a draft its place in the chain. The hash covers the canonical JSON of every field of the record but itself,
 * the previous hash included, so that altering, removing or reordering a record shows in every hash after it.
 *
 * @param sequence from 1, one more than the record's before
 */
export function sealRecord(draft: AuditDraft, sequence: number, previousHash: string): AuditRecord {
  const unsealed: Omit<AuditRecord, 'hash'> = {
    sequence,
    at: draft.at,
    actor: draft.actor,
    action: draft.action,
    cluster: draft.cluster,
    namespace: draft.namespace,
    subject: draft.subject,
    reason: draft.reason,
    changeTicket: draft.changeTicket,
    transport: draft.transport,
    outcome: draft.outcome,
    before: draft.before,
    after: draft.after,
    details: draft.details,
    previousHash,
  };
  return { ...unsealed, hash: digestOfJson(unsealed) };
}

/** The hash that a record should have, from everything else in it: also from fields that nobody should have added. */
export function hashOfRecord(record: AuditRecord): string {
  const { hash: _, ...unsealed } = record;
  return digestOfJson(unsealed);
}
