import type { Database } from 'bun:sqlite';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import type { CommitBatch, CommitReceipt } from '../../ports/store.ts';
import { checkBatch } from './check-batch.ts';
import { problemOfDatabase } from './database-problem.ts';
import type { Rows } from './rows.ts';
import { writeBatch } from './write-batch.ts';

/** Batches that share one transaction, and so one sync of the disk, at most. */
export const maxBatchesPerGroup = 64;

export type CommitOutcome = Result<CommitReceipt, Problem>;

/**
 * Commits batches. Those that are handed in before the code that runs now gives way share a transaction: each is a
 * savepoint in it and succeeds or fails by itself, but the disk is synced once for all of them.
 */
export interface CommitQueue {
  commit(batch: CommitBatch): Promise<CommitOutcome>;
  /** Commits what waits, now. */
  flush(): void;
}

interface Waiting {
  readonly batch: CommitBatch;
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (bug: unknown) => void;
}

/** How a batch went: an outcome, or what was thrown, which is a bug in whoever made the batch. */
type Settled = { readonly outcome: CommitOutcome } | { readonly bug: unknown };

export interface CommitQueueDeps {
  readonly db: Database;
  readonly rows: Rows;
  readonly now: () => number;
  /** Called after a transaction that wrote events. */
  readonly onEvents: () => void;
}

export function createCommitQueue(deps: CommitQueueDeps): CommitQueue {
  const { db, rows, now } = deps;
  const statements = {
    begin: db.query('BEGIN IMMEDIATE'),
    commit: db.query('COMMIT'),
    rollback: db.query('ROLLBACK'),
    save: db.query('SAVEPOINT batch'),
    release: db.query('RELEASE batch'),
    undo: db.query('ROLLBACK TO batch'),
  };
  let waiting: Waiting[] = [];

  function runOne(batch: CommitBatch): Settled {
    statements.save.run();
    try {
      const at = now();
      const checked = checkBatch(rows, batch, at);
      const outcome: CommitOutcome = checked.ok ? ok(writeBatch(rows, batch, at)) : checked;
      statements.release.run();
      return { outcome };
    } catch (thrown) {
      // The medium failed, and SQLite took the whole transaction back: none of the group may go on.
      if (!db.inTransaction) throw thrown;
      statements.undo.run();
      statements.release.run();
      const problem = problemOfDatabase(thrown);
      return problem ? { outcome: err(problem) } : { bug: thrown };
    }
  }

  /** Never throws: whoever waits must be answered, and what cannot be rolled back now is when the file is opened again. */
  function rollBack(): void {
    try {
      if (db.inTransaction) statements.rollback.run();
    } catch {
      // What failed before is what is reported.
    }
  }

  function runGroup(group: readonly Waiting[]): readonly Settled[] {
    try {
      statements.begin.run();
      const settled = group.map(({ batch }) => runOne(batch));
      statements.commit.run();
      return settled;
    } catch (thrown) {
      rollBack();
      const problem = problemOfDatabase(thrown);
      return group.map(() => (problem ? { outcome: err(problem) } : { bug: thrown }));
    }
  }

  function flush(): void {
    const group = waiting;
    if (group.length === 0) return;
    waiting = [];
    const settled = runGroup(group);
    for (const [index, result] of settled.entries()) {
      if ('bug' in result) group[index]?.reject(result.bug);
      else group[index]?.resolve(result.outcome);
    }
    if (settled.some(wroteEvents)) deps.onEvents();
  }

  return {
    flush,
    commit(batch) {
      return new Promise((resolve, reject) => {
        waiting.push({ batch, resolve, reject });
        // A microtask: under a virtual clock a commit then ends before time moves on.
        if (waiting.length === 1) queueMicrotask(flush);
        if (waiting.length >= maxBatchesPerGroup) flush();
      });
    },
  };
}

function wroteEvents(settled: Settled): boolean {
  return 'outcome' in settled && settled.outcome.ok && settled.outcome.value.events.length > 0;
}
