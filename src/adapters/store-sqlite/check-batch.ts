import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { CommitBatch } from '../../ports/store.ts';
import type { Rows } from './rows.ts';

/**
 * Everything that can refuse a batch, before the first write: the fence, each revision, each idempotency key. A batch
 * may carry several revisions of the same thing, in order. Problems: LEASE_LOST, REVISION_CONFLICT.
 */
export function checkBatch(rows: Rows, batch: CommitBatch, now: number): Result<void, Problem> {
  if (batch.fence) {
    const fence = rows.leases.check(batch.fence);
    if (!fence.ok) return fence;
  }
  const within = new Map<string, number>();
  for (const { subject, revision, stored } of revisionsOf(rows, batch)) {
    const before = within.get(subject) ?? stored();
    if (revision !== before + 1) return err(revisionConflict(subject, revision, before));
    within.set(subject, revision);
  }
  return checkKeys(rows, batch, now);
}

interface RevisionClaim {
  readonly subject: string;
  readonly revision: number;
  /** Revision in the store; 0 when there is nothing. */
  readonly stored: () => number;
}

function* revisionsOf(rows: Rows, batch: CommitBatch): Generator<RevisionClaim> {
  for (const { id, revision } of batch.plans ?? []) {
    yield { subject: `plan/${id}`, revision, stored: () => rows.plans.revision(id) };
  }
  for (const { cluster, namespace, revision } of batch.policies ?? []) {
    const stored = (): number => rows.policies.revision(cluster, namespace);
    yield { subject: `policy/${cluster}/${namespace}`, revision, stored };
  }
  for (const { id, revision } of batch.incidents ?? []) {
    yield { subject: `incident/${id}`, revision, stored: () => rows.incidents.revision(id) };
  }
  for (const { cluster, namespace, revision } of batch.controllers ?? []) {
    const stored = (): number => rows.controllers.revision(cluster, namespace);
    yield { subject: `controller/${cluster}/${namespace}`, revision, stored };
  }
  for (const { cluster, node, revision } of batch.nodeAdminStates ?? []) {
    const stored = (): number => rows.nodeAdminStates.revision(cluster, node);
    yield { subject: `node/${cluster}/${node}`, revision, stored };
  }
  for (const { cluster, webhook, revision } of batch.webhookCursors ?? []) {
    const stored = (): number => rows.webhookCursors.revision(cluster, webhook);
    yield { subject: `webhook/${webhook}`, revision, stored };
  }
}

function revisionConflict(subject: string, revision: number, stored: number): Problem {
  return {
    code: 'REVISION_CONFLICT',
    message: `${subject} is in revision ${stored}, so that revision ${revision} cannot be written`,
    field: 'revision',
    value: revision,
    limit: stored + 1,
    subject,
  };
}

/** Two requests that used the same key at the same time: the second must look at what the first one made. */
function checkKeys(rows: Rows, batch: CommitBatch, now: number): Result<void, Problem> {
  const within = new Map<string, { readonly requestDigest: string; readonly subject: string }>();
  for (const record of batch.idempotency ?? []) {
    const used = within.get(record.key) ?? rows.idempotency.get(record.key, now);
    if (used && (used.requestDigest !== record.requestDigest || used.subject !== record.subject)) {
      return err({
        code: 'REVISION_CONFLICT',
        message: `idempotency key ${record.key} stands for ${used.subject} already`,
        field: 'idempotencyKey',
        value: record.key,
        subject: used.subject,
      });
    }
    within.set(record.key, record);
  }
  return ok(undefined);
}
