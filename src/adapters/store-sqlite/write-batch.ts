import type { CommitBatch, CommitReceipt } from '../../ports/store.ts';
import type { Rows } from './rows.ts';

/** Writes a batch that was checked; runs inside the transaction of the caller. */
export function writeBatch(rows: Rows, batch: CommitBatch, now: number): CommitReceipt {
  for (const snapshot of batch.snapshots ?? []) rows.contents.writeSnapshot(snapshot, now);
  for (const { digest, content } of batch.planContents ?? []) rows.contents.writePlanContent(digest, content);
  for (const plan of batch.plans ?? []) rows.plans.write(plan);
  for (const entry of batch.journal ?? []) rows.journal.append(entry);
  for (const trace of batch.moveTraces ?? []) rows.moveTraces.append(trace);
  for (const document of batch.policies ?? []) rows.policies.write(document);
  for (const incident of batch.incidents ?? []) rows.incidents.write(incident);
  for (const record of batch.controllers ?? []) rows.controllers.write(record);
  for (const record of batch.nodeAdminStates ?? []) rows.nodeAdminStates.write(record);
  for (const cursor of batch.webhookCursors ?? []) rows.webhookCursors.write(cursor);
  for (const letter of batch.deadLetters ?? []) rows.deadLetters.write(letter);
  for (const key of batch.droppedDeadLetters ?? []) rows.deadLetters.drop(key);
  for (const record of batch.idempotency ?? []) rows.idempotency.write(record);
  return Object.freeze({
    auditRecords: rows.audit.append(batch.audit ?? []),
    events: rows.events.append(batch.events ?? []),
  });
}
