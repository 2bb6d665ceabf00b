import type { Database } from 'bun:sqlite';
import type { Store } from '../../ports/store.ts';
import { createCommitQueue } from './commit-queue.ts';
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
    commit: (batch) => queue.commit(batch),
    plan: async (id) => rows.plans.get(id),
    plans: async (query) => rows.plans.list(query),
    planContent: async (digest) => rows.contents.planContent(digest),
    journal: async (planId) => rows.journal.ofPlan(planId),
    moveTraces: async (cluster, namespace, since) => rows.moveTraces.since(cluster, namespace, since),
    snapshot: async (digest) => rows.contents.snapshot(digest),
    policy: async (cluster, namespace, revision) => rows.policies.get(cluster, namespace, revision),
    policies: async () => rows.policies.newest(),
    policyRevisions: async (cluster, namespace) => rows.policies.revisions(cluster, namespace),
    incident: async (id) => rows.incidents.get(id),
    incidents: async (query) => rows.incidents.list(query),
    controllers: async () => rows.controllers.all(),
    nodeAdminStates: async (cluster) => rows.nodeAdminStates.ofCluster(cluster),
    auditRecords: async (query) => rows.audit.list(query),
    auditHead: async () => rows.audit.head(),
    events: async (query) => rows.events.after(query),
    eventHead: async () => rows.events.head(),
    onEvents(listener) {
      // Wrapped, so that a listener registered twice is two.
      const own = (): void => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    idempotency: async (key) => rows.idempotency.get(key, now()),
    acquireLease: async (request) => db.transaction(() => rows.leases.acquire(request)).immediate(),
    releaseLease: async (lease) => rows.leases.release(lease),
    prune: async (at) => pruneStore(db, retention, at),
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
