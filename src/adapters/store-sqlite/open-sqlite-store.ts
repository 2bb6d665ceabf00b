import { Database } from 'bun:sqlite';
import { type Clock, systemClock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Problem } from '../../domain/problem.ts';
import { openDataDirectory } from './data-directory.ts';
import { problemOfDatabase } from './database-problem.ts';
import { defaultRetention, type Retention } from './prune.ts';
import { migrate } from './schema.ts';
import { createSqliteStore, type SqliteStore } from './sqlite-store.ts';

export interface SqliteStoreOptions {
  /** Data directory; made when it is missing. Without it the store is in memory and gone when it is closed. */
  readonly path?: string;
  /** For what expires. */
  readonly clock?: Pick<Clock, 'now'>;
  readonly retention?: Partial<Retention>;
}

/**
 * Opens the store of a data directory, or one in memory. Problems: DATA_DIRECTORY_FOREIGN, DATA_DIRECTORY_NEWER,
 * DATA_DIRECTORY_LOCKED, DATA_DIRECTORY_CORRUPT, STORAGE_FULL, FILE_UNREADABLE; the directory is as it was then.
 */
export async function openSqliteStore(
  options: SqliteStoreOptions = {},
): Promise<Result<SqliteStore, Problem>> {
  if (options.path === undefined) return ok(openMemoryStore(options));
  const directory = openDataDirectory(options.path);
  if (!directory.ok) return directory;
  const { db, release } = directory.value;
  try {
    return ok(assemble(db, options, release));
  } catch (thrown) {
    db.close();
    release();
    const problem = problemOfDatabase(thrown, options.path);
    if (problem) return err(problem);
    throw thrown;
  }
}

/** A store that nothing outlives: for tests, simulations and offline planning. */
export function openMemoryStore(options: Omit<SqliteStoreOptions, 'path'> = {}): SqliteStore {
  const db = new Database(':memory:');
  migrate(db);
  return assemble(db, options, () => {});
}

function assemble(db: Database, options: SqliteStoreOptions, onClose: () => void): SqliteStore {
  const clock = options.clock ?? systemClock;
  const retention = { ...defaultRetention, ...options.retention };
  return createSqliteStore({ db, now: () => clock.now(), retention, onClose });
}
