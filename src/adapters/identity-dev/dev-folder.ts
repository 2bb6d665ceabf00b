import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ProblemError } from '../../domain/problem.ts';

/** The files of one folder, for its owner alone. Every function throws `ProblemError` where the system refuses. */
export interface DevFolder {
  readonly path: string;
  /** Absolute path of a file by its name in the folder. */
  pathOf(name: string): string;
  /** Undefined where there is no such file. */
  read(name: string): string | undefined;
  /** Writes a file whole: whoever reads it finds the old or the new text, also when this is killed on the way. */
  write(name: string, text: string): void;
}

const folderMode = 0o700;
const fileMode = 0o600;
/** None of these files is larger, whatever lies there. */
const maxFileBytes = 64 * 1024;

/** Makes the folder where it does not exist. */
export function openDevFolder(path: string): DevFolder {
  const pathOf = (name: string): string => join(path, name);
  attempt(path, () => prepareFolder(path));
  return {
    path,
    pathOf,
    read: (name) => attempt(pathOf(name), () => readPrivate(pathOf(name), path)),
    write: (name, text) => attempt(pathOf(name), () => writeWhole(pathOf(name), text)),
  };
}

/** What is there cannot be what this program wrote. */
export function damaged(folder: string, path: string, why: string): ProblemError {
  return new ProblemError({
    code: 'DEV_CREDENTIALS_DAMAGED',
    message: `${path} is damaged: ${why}`,
    subject: path,
    remedy: `Delete the folder ${folder} and start again: everything in it is made anew.`,
  });
}

function prepareFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: folderMode });
  chmodSync(path, folderMode);
}

function readPrivate(path: string, folder: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (!stat.isFile()) throw damaged(folder, path, 'it is no file');
  if (stat.size > maxFileBytes) throw damaged(folder, path, `it has ${stat.size} bytes`);
  if ((stat.mode & 0o777) !== fileMode) chmodSync(path, fileMode);
  return readFileSync(path, 'utf8');
}

function writeWhole(path: string, text: string): void {
  prepareFolder(dirname(path));
  const unfinished = `${path}.new`;
  const file = openSync(unfinished, 'w', fileMode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    if (thrown instanceof ProblemError || !(thrown instanceof Error)) throw thrown;
    throw new ProblemError({
      code: 'FILE_UNREADABLE',
      message: `${path} cannot be made or read: ${thrown.message}`,
      subject: path,
    });
  }
}
