import { SQLiteError } from 'bun:sqlite';
import type { ErrorCode } from '../../domain/error-codes.ts';
import type { Problem } from '../../domain/problem.ts';

/** By the beginning of SQLite's and of the operating system's error names. */
const codesByName: readonly (readonly [string, ErrorCode, string])[] = [
  ['SQLITE_CORRUPT', 'DATA_DIRECTORY_CORRUPT', 'the database is damaged'],
  ['SQLITE_NOTADB', 'DATA_DIRECTORY_CORRUPT', 'the database is damaged'],
  ['SQLITE_BUSY', 'DATA_DIRECTORY_LOCKED', 'another process uses the database'],
  ['SQLITE_LOCKED', 'DATA_DIRECTORY_LOCKED', 'another process uses the database'],
  ['SQLITE_FULL', 'STORAGE_FULL', 'the disk is full'],
  ['SQLITE_READONLY', 'FILE_UNREADABLE', 'the database cannot be written'],
  ['SQLITE_CANTOPEN', 'FILE_UNREADABLE', 'the database cannot be opened'],
  ['SQLITE_PERM', 'FILE_UNREADABLE', 'the rights do not suffice'],
  ['SQLITE_AUTH', 'FILE_UNREADABLE', 'the rights do not suffice'],
  ['SQLITE_IOERR', 'FILE_UNREADABLE', 'the disk failed'],
  ['EACCES', 'FILE_UNREADABLE', 'the rights do not suffice'],
  ['EPERM', 'FILE_UNREADABLE', 'the rights do not suffice'],
  ['EROFS', 'FILE_UNREADABLE', 'the file system is read-only'],
  ['ENOSPC', 'STORAGE_FULL', 'the disk is full'],
  ['EDQUOT', 'STORAGE_FULL', 'the disk quota is used up'],
  ['ENOENT', 'FILE_UNREADABLE', 'a part of the path does not exist'],
  ['EISDIR', 'FILE_UNREADABLE', 'a directory stands where a file should be'],
  ['ENOTDIR', 'FILE_UNREADABLE', 'a part of the path is not a directory'],
  ['ENAMETOOLONG', 'FILE_UNREADABLE', 'the path is too long'],
  ['ELOOP', 'FILE_UNREADABLE', 'the path has a loop of links'],
  ['EIO', 'FILE_UNREADABLE', 'the disk failed'],
  ['EMFILE', 'FILE_UNREADABLE', 'too many files are open'],
];

/** What a thrown value means to a user; undefined when it is none of the expected failures but a bug. */
export function problemOfDatabase(thrown: unknown, path?: string): Problem | undefined {
  const name = errorName(thrown);
  const known = codesByName.find(([prefix]) => name.startsWith(prefix));
  if (!known) return undefined;
  const [, code, what] = known;
  return {
    code,
    message: path ? `${path}: ${what} (${name})` : `${what} (${name})`,
    ...(path && { subject: path }),
  };
}

function errorName(thrown: unknown): string {
  if (thrown instanceof SQLiteError) return thrown.code ?? '';
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
