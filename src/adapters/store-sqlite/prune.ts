import type { Database } from 'bun:sqlite';

/** What the store keeps, and for how long. Plans, journals, policies and the audit trail are kept for good. */
export interface Retention {
  /** Events that watchers can resume over, at least. */
  readonly events: number;
  /** Snapshots that no plan refers to live this long, in milliseconds; new ones are about to be referred to. */
  readonly unreferencedSnapshotMs: number;
  /** Snapshots of plans that ended without ever starting (dry runs, expired ones), in milliseconds. */
  readonly unusedPlanSnapshotMs: number;
  /** Moves that cooldowns and oscillation look back at, in milliseconds. */
  readonly moveTraceMs: number;
  /** Dead letters of one webhook, the newest; at least 1. */
  readonly deadLetters: number;
  /** How long a dead letter waits for somebody, in milliseconds. */
  readonly deadLetterMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * An hour covers a plan that is being made; a week, a dry run that people discuss; 90 days, every cooldown; 30 days, an
 * outage of a receiver whose events somebody still wants.
 */
export const defaultRetention: Retention = {
  events: 200_000,
  unreferencedSnapshotMs: hourMs,
  unusedPlanSnapshotMs: 7 * dayMs,
  moveTraceMs: 90 * dayMs,
  deadLetters: 10_000,
  deadLetterMs: 30 * dayMs,
};

export interface PruneReport {
  readonly snapshots: number;
  readonly moveTraces: number;
  readonly idempotencyKeys: number;
  readonly deadLetters: number;
}

/** Rows deleted of each kind per call at most; snapshots are large, so fewer of them. */
const maxRowsPerPrune = 1_000;
const maxSnapshotsPerPrune = 50;

/** Deletes what retention no longer wants, oldest first, in one transaction. */
export function pruneStore(db: Database, retention: Retention, now: number): PruneReport {
  return db
    .transaction(
      (): PruneReport => ({
        snapshots: pruneSnapshots(db, retention, now),
        moveTraces: db
          .query(
            'DELETE FROM move_traces WHERE sequence IN (SELECT sequence FROM move_traces WHERE at < ? ORDER BY at LIMIT ?)',
          )
          .run(now - retention.moveTraceMs, maxRowsPerPrune).changes,
        idempotencyKeys: db
          .query(
            'DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
          )
          .run(now, maxRowsPerPrune).changes,
        deadLetters: pruneDeadLetters(db, retention, now),
      }),
    )
    .immediate();
}

/** What is too old first, then what is too much of one webhook; of both together at most `maxRowsPerPrune` each. */
function pruneDeadLetters(db: Database, retention: Retention, now: number): number {
  const old = db
    .query(
      `DELETE FROM dead_letters WHERE (cluster, webhook, sequence) IN (
         SELECT cluster, webhook, sequence FROM dead_letters WHERE failed_at < ? ORDER BY failed_at LIMIT ?)`,
    )
    .run(now - retention.deadLetterMs, maxRowsPerPrune).changes;
  const surplus = db
    .query(
      `DELETE FROM dead_letters WHERE (cluster, webhook, sequence) IN (
         SELECT cluster, webhook, sequence FROM (
           SELECT cluster, webhook, sequence,
             row_number() OVER (PARTITION BY cluster, webhook ORDER BY sequence DESC) AS place
           FROM dead_letters)
         WHERE place > ? ORDER BY sequence LIMIT ?)`,
    )
    .run(retention.deadLetters, maxRowsPerPrune).changes;
  return old + surplus;
}

function pruneSnapshots(db: Database, retention: Retention, now: number): number {
  // A plan protects its snapshots as long as it may still run, forever once it has, and else for a while.
  const protects = `(started_at > 0 OR created_at >= $unusedSince
    OR status NOT IN ('draft', 'expired', 'rejected', 'cancelled', 'superseded', 'failed'))`;
  return db
    .query(
      `DELETE FROM snapshots WHERE digest IN (
         SELECT digest FROM snapshots AS each
         WHERE stored_at < $storedBefore
           AND NOT EXISTS (SELECT 1 FROM plans WHERE snapshot_digest = each.digest AND ${protects})
           AND NOT EXISTS (SELECT 1 FROM plans WHERE after_snapshot_digest = each.digest AND ${protects})
         ORDER BY stored_at LIMIT $limit)`,
    )
    .run({
      $storedBefore: now - retention.unreferencedSnapshotMs,
      $unusedSince: now - retention.unusedPlanSnapshotMs,
      $limit: maxSnapshotsPerPrune,
    }).changes;
}
