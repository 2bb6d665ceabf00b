import type { Database } from 'bun:sqlite';
import { err } from '../../base/result.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Store } from '../../ports/store.ts';
import { createCommitQueue } from './commit-queue.ts';
import { problemOfDatabase } from './database-problem.ts';
import { type PruneReport, pruneStore, type Retention } from './prune.ts';
import { createRows } from './rows.ts';

/** The store in an SQLite database, with the housekeeping that is SQLite's alone. */
export interface SqliteStore extends Store {
  /** Deletes a bounded number of rows that retention no longer wants; the app calls it now and then. */
  prune(now: number): Promise<PruneReport>;
}

export interface SqliteStoreDeps {
  /** With the schema in place; the store owns it and closes it. */
  readonly db: Database;
  readonly now: () => number;
  readonly retention: Retention;
  /** Called once the database is closed. */
  readonly onClose: () => void;
}

/**
 * bun:sqlite is synchronous, so that an operation is over when it returns; the port is asynchronous, for databases
 * that are elsewhere.
 */
export function createSqliteStore(deps: SqliteStoreDeps): SqliteStore {
  const { db, now, retention } = deps;
  const rows = createRows(db, retention.events);
  // The database is this process's alone: whoever held a lease before is gone, so that nobody need wait for its end.
  rows.leases.releaseAll();
  const listeners = new Set<() => void>();
  const queue = createCommitQueue({
    db,
    rows,
    now,
    onEvents: () => {
      for (const listener of [...listeners]) listener();
    },
  });
  let closed = false;

  return {
    async commit(batch) {
      if (closed) throw new Error('the store is closed');
      return queue.commit(batch);
    },
    plan: (id) => answer(() => rows.plans.get(id)),
    plans: (query) => answer(() => rows.plans.list(query)),
    planContent: (digest) => answer(() => rows.contents.planContent(digest)),
    journal: (planId) => answer(() => rows.journal.ofPlan(planId)),
    moveTraces: (cluster, namespace, since) => answer(() => rows.moveTraces.since(cluster, namespace, since)),
    snapshot: (digest) => answer(() => rows.contents.snapshot(digest)),
    policy: (cluster, namespace, revision) => answer(() => rows.policies.get(cluster, namespace, revision)),
    policies: () => answer(() => rows.policies.newest()),
    policyRevisions: (cluster, namespace) => answer(() => rows.policies.revisions(cluster, namespace)),
    incident: (id) => answer(() => rows.incidents.get(id)),
    incidents: (query) => answer(() => rows.incidents.list(query)),
    controllers: () => answer(() => rows.controllers.all()),
    nodeAdminStates: (cluster) => answer(() => rows.nodeAdminStates.ofCluster(cluster)),
    auditRecords: (query) => answer(() => rows.audit.list(query)),
    auditHead: () => answer(() => rows.audit.head()),
    events: (query) => answer(() => rows.events.after(query)),
    eventHead: () => answer(() => rows.events.head()),
    eventTail: () => answer(() => rows.events.tail()),
    onEvents(listener) {
      // Wrapped, so that a listener registered twice is two.
      const own = (): void => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    webhookCursors: (cluster) => answer(() => rows.webhookCursors.ofCluster(cluster)),
    deadLetters: (query) => answer(() => rows.deadLetters.list(query)),
    deadLetterCount: (cluster, webhook) => answer(() => rows.deadLetters.count(cluster, webhook)),
    idempotency: (key) => answer(() => rows.idempotency.get(key, now())),
    async acquireLease(request) {
      try {
        return db.transaction(() => rows.leases.acquire(request)).immediate();
      } catch (thrown) {
        const problem = problemOfDatabase(thrown);
        if (problem) return err(problem);
        throw thrown;
      }
    },
    releaseLease: (lease) => answer(() => rows.leases.release(lease)),
    prune: (at) => answer(() => pruneStore(db, retention, at)),
    async close() {
      if (closed) return;
      closed = true;
      queue.flush();
      listeners.clear();
      db.close();
      deps.onClose();
    },
  };
}

/** What an operation answers; where the database fails it, a `ProblemError` instead of SQLite's own error. */
async function answer<T>(operation: () => T): Promise<T> {
  try {
    return operation();
  } catch (thrown) {
    const problem = problemOfDatabase(thrown);
    throw problem ? new ProblemError(problem) : thrown;
  }
}
