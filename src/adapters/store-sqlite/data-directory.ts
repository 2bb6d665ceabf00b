import { Database } from 'bun:sqlite';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../base/result.ts';
import { type Problem, ProblemError } from '../../domain/problem.ts';
import { problemOfDatabase } from './database-problem.ts';
import { applicationId, migrate, schemaVersion, storedApplication, storedVersion } from './schema.ts';

/** A data directory that this process has to itself. */
export interface DataDirectory {
  readonly db: Database;
  /** Lets other processes in; the database must be closed before. */
  release(): void;
}

const storeFile = 'store.sqlite';
/** Its exclusive lock is the operating system's: it ends with the process, however that ends. */
const lockFile = 'lock.sqlite';
/** Process id of the holder, for the message; never what decides. */
const holderFile = 'holder.pid';
/** SQLite's companions of a database. */
const companions = ['', '-wal', '-shm', '-journal'];
/** Folder of the development credentials; not looked into here. */
const credentialsFolder = 'dev';
const ownFiles: ReadonlySet<string> = new Set([
  ...companions.flatMap((suffix) => [storeFile + suffix, lockFile + suffix]),
  holderFile,
  credentialsFolder,
]);

const directoryMode = 0o700;
const fileMode = 0o600;
/** First bytes of every SQLite database that has a page. */
const sqliteMagic = 'SQLite format 3\0';
/** Databases up to this size are checked through and through when opened: at most some tens of milliseconds. */
const maxCheckedBytes = 16 * 1024 * 1024;
/** What the write-ahead log shrinks to once a large commit has been carried over. */
const maxIdleLogBytes = 64 * 1024 * 1024;
/** Somebody may look at the database with another tool meanwhile; longer waits would hold up everything else. */
const busyTimeoutMs = 1_000;
/**
 * KiB of the file that stay in memory at most; with SQLite's own 2 MiB a page of 500 plans is read from the file again each time.
 * This is room for 4,000 headers of plans of 8 KiB.
 */
const pageCacheKib = 32_768;

/**
 * Opens a data directory, or makes one where there is nothing or an empty directory. Problems: see `openSqliteStore`;
 * whatever was there is as it was then.
 */
export function openDataDirectory(path: string): Result<DataDirectory, Problem> {
  const undo: (() => void)[] = [];
  try {
    prepare(path, undo);
    const lock = acquireLock(path, undo);
    const db = openDatabase(path, undo);
    writeFileSync(join(path, holderFile), `${process.pid}\n`, { mode: fileMode });
    return ok({
      db,
      release() {
        rmSync(join(path, holderFile), { force: true });
        lock.close();
      },
    });
  } catch (thrown) {
    for (const step of undo.reverse()) step();
    if (thrown instanceof ProblemError) return err(thrown.problems[0]);
    const problem = problemOfDatabase(thrown, path);
    if (problem) return err(problem);
    throw thrown;
  }
}

/** Sees whether the directory is ours or free, and makes it when it is missing. */
function prepare(path: string, undo: (() => void)[]): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) {
    const made = mkdirSync(path, { recursive: true, mode: directoryMode });
    if (made) undo.push(() => rmSync(made, { recursive: true, force: true }));
    return;
  }
  if (!stat.isDirectory()) throw foreign(path, 'it is a file');
  const names = readdirSync(path);
  const strange = names.find((name) => !ownFiles.has(name));
  if (strange !== undefined && !names.includes(lockFile)) throw foreign(path, `it holds ${strange}`);
  // Reading a file would drop this process's locks on it, so only while no store of ours can be open.
  if (names.includes(storeFile) && !names.includes(lockFile) && !isSqlite(join(path, storeFile))) {
    throw foreign(path, `${storeFile} is not a database`);
  }
}

function acquireLock(path: string, undo: (() => void)[]): Database {
  const file = join(path, lockFile);
  createFile(file, undo);
  const lock = new Database(file);
  undo.push(() => lock.close());
  try {
    lock.run('PRAGMA journal_mode = MEMORY');
    lock.run('BEGIN EXCLUSIVE');
  } catch (thrown) {
    const problem = problemOfDatabase(thrown, path);
    if (problem?.code === 'DATA_DIRECTORY_LOCKED') throw locked(path);
    throw thrown;
  }
  return lock;
}

function openDatabase(path: string, undo: (() => void)[]): Database {
  const file = join(path, storeFile);
  createFile(file, undo);
  const size = statSync(file).size;
  if (size > 0 && !isSqlite(file)) throw corrupt(path, `${storeFile} does not begin like a database`);
  const db = new Database(file);
  undo.push(() => db.close());
  checkIdentity(db, path);
  if (size <= maxCheckedBytes) checkIntegrity(db, path);
  db.run(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  db.run('PRAGMA synchronous = FULL');
  db.run(`PRAGMA cache_size = -${pageCacheKib}`);
  db.run('PRAGMA foreign_keys = ON');
  migrate(db);
  // Only now: the identity is in the file itself, and not in a log beside it, from the first transaction on.
  db.run('PRAGMA journal_mode = WAL');
  db.run(`PRAGMA journal_size_limit = ${maxIdleLogBytes}`);
  return db;
}

function checkIdentity(db: Database, path: string): void {
  const application = storedApplication(db);
  const tables =
    db.query<{ count: number }, []>('SELECT count(*) AS count FROM sqlite_schema').get()?.count ?? 0;
  if (application !== applicationId && (application !== 0 || tables > 0)) {
    throw foreign(path, `${storeFile} is a database of another program`);
  }
  const version = storedVersion(db);
  if (version > schemaVersion) {
    throw new ProblemError({
      code: 'DATA_DIRECTORY_NEWER',
      message: `${path} has format ${version}; this program knows formats up to ${schemaVersion}`,
      value: version,
      limit: schemaVersion,
      subject: path,
    });
  }
}

function checkIntegrity(db: Database, path: string): void {
  const answer = db.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').get()?.quick_check;
  if (answer !== 'ok') throw corrupt(path, answer ?? 'the check gives no answer');
}

/** Makes an empty file for its owner alone; SQLite gives its companions the same rights. */
function createFile(file: string, undo: (() => void)[]): void {
  if (statSync(file, { throwIfNoEntry: false })) return;
  closeSync(openSync(file, 'wx', fileMode));
  chmodSync(file, fileMode);
  undo.push(() => {
    for (const suffix of companions) rmSync(file + suffix, { force: true });
  });
}

function isSqlite(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(sqliteMagic.length);
    const read = readSync(descriptor, bytes, 0, bytes.length, 0);
    return read === 0 || bytes.toString('latin1') === sqliteMagic;
  } finally {
    closeSync(descriptor);
  }
}

function locked(path: string): ProblemError {
  const holder = holderOf(path);
  return new ProblemError({
    code: 'DATA_DIRECTORY_LOCKED',
    message: `${path} is in use by ${holder ? `process ${holder}` : 'another process'}`,
    subject: path,
    ...(holder && { value: holder }),
  });
}

function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(path, holderFile), 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function foreign(path: string, why: string): ProblemError {
  return new ProblemError({
    code: 'DATA_DIRECTORY_FOREIGN',
    message: `${path} is not a data directory of ours: ${why}`,
    subject: path,
  });
}

function corrupt(path: string, why: string): ProblemError {
  return new ProblemError({
    code: 'DATA_DIRECTORY_CORRUPT',
    message: `${path} is damaged: ${why}`,
    subject: path,
  });
}
