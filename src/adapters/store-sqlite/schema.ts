import type { Database } from 'bun:sqlite';

/** `MKRB`: how a SQLite file says that it is a store of ours. */
export const applicationId = 0x4d4b5242;

/**
 * The statements that lead from one version of the schema to the next; the position is the version. A released
 * migration never changes: a change is a further one.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE plans (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    snapshot_digest TEXT NOT NULL,
    after_snapshot_digest TEXT NOT NULL,
    header TEXT NOT NULL
  ) STRICT;
  CREATE INDEX plans_by_scope ON plans (cluster, namespace, ordinal);
  CREATE INDEX plans_by_status ON plans (status, cluster, namespace, ordinal);
  CREATE INDEX plans_by_snapshot ON plans (snapshot_digest);
  CREATE INDEX plans_by_after_snapshot ON plans (after_snapshot_digest);

  CREATE TABLE plan_contents (
    digest TEXT PRIMARY KEY,
    checksum TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE snapshots (
    digest TEXT PRIMARY KEY,
    stored_at INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX snapshots_by_age ON snapshots (stored_at);

  CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    plan_id TEXT NOT NULL,
    entry TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_by_plan ON journal (plan_id);

  CREATE TABLE move_traces (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    at INTEGER NOT NULL,
    trace TEXT NOT NULL
  ) STRICT;
  CREATE INDEX move_traces_by_scope ON move_traces (cluster, namespace, at);
  CREATE INDEX move_traces_by_age ON move_traces (at);

  CREATE TABLE policies (
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (cluster, namespace, revision)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    cluster TEXT NOT NULL,
    revision INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX incidents_open ON incidents (opened_at) WHERE closed_at = 0;

  CREATE TABLE controllers (
    cluster TEXT NOT NULL,
    namespace TEXT NOT NULL,
    revision INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (cluster, namespace)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE node_admin_states (
    cluster TEXT NOT NULL,
    node TEXT NOT NULL,
    revision INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (cluster, node)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    request_digest TEXT NOT NULL,
    subject TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);

  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    record TEXT NOT NULL,
    namespace TEXT GENERATED ALWAYS AS (json_extract(record, '$.namespace')) VIRTUAL,
    subject TEXT GENERATED ALWAYS AS (json_extract(record, '$.subject')) VIRTUAL,
    actor TEXT GENERATED ALWAYS AS (json_extract(record, '$.actor')) VIRTUAL,
    action TEXT GENERATED ALWAYS AS (json_extract(record, '$.action')) VIRTUAL
  ) STRICT;
  CREATE INDEX audit_by_namespace ON audit (namespace);
  CREATE INDEX audit_by_subject ON audit (subject);
  CREATE INDEX audit_by_actor ON audit (actor);
  CREATE INDEX audit_by_action ON audit (action);
  CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;

  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace TEXT NOT NULL,
    subject TEXT NOT NULL,
    event TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_subject ON events (subject);

  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    token INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE webhook_cursors (
    cluster TEXT NOT NULL,
    webhook TEXT NOT NULL,
    revision INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (cluster, webhook)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE dead_letters (
    cluster TEXT NOT NULL,
    webhook TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    redeliver INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (cluster, webhook, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX dead_letters_by_age ON dead_letters (failed_at);
  CREATE INDEX dead_letters_asked_for ON dead_letters (cluster, webhook, sequence) WHERE redeliver = 1;
  `,
  // Headers of plans say since then how few moves would do, and what the lower bound follows from.
  `
  UPDATE plans SET header = json_set(
    header,
    '$.summary.movesLowerBound', 0,
    '$.summary.lowerBoundWithinBudget', json_extract(header, '$.summary.lowerBound'),
    '$.summary.lowerBoundBy', 'unknown'
  ) WHERE json_extract(header, '$.summary.movesLowerBound') IS NULL;
  `,
];

/** The version that this program writes. */
export const schemaVersion = migrations.length;

/** The version that the database is in; 0 when it is empty. */
export function storedVersion(db: Database): number {
  return db.query<{ user_version: number }, []>('PRAGMA user_version').get()?.user_version ?? 0;
}

/** The application that the database says it belongs to; 0 when it says none. */
export function storedApplication(db: Database): number {
  return db.query<{ application_id: number }, []>('PRAGMA application_id').get()?.application_id ?? 0;
}

/** Brings the database to a version, each step whole or not at all. Throws what SQLite throws. */
export function migrate(db: Database, target = schemaVersion): void {
  for (let version = storedVersion(db); version < target; version++) {
    const statements = migrations[version] ?? '';
    db.transaction(() => {
      db.run(`PRAGMA application_id = ${applicationId}`);
      db.run(statements);
      db.run(`PRAGMA user_version = ${version + 1}`);
    }).immediate();
  }
}
