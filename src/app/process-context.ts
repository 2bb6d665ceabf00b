import { randomUUID } from 'node:crypto';
import { fstatSync, writeSync } from 'node:fs';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { systemClock } from '../base/clock.ts';
import { createRandom } from '../base/random.ts';
import type { CliContext, CliServices } from '../cli/cli-context.ts';
import { ProblemError } from '../domain/problem.ts';

/** Width where there is no terminal to ask. */
const defaultColumns = 120;

/** The command line's context in a real process. */
export function createProcessContext(version: string, services: CliServices): CliContext {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
  const folder = process.cwd();
  const isInteractive = process.stdout.isTTY === true;
  return {
    version,
    env: process.env,
    folder,
    clock: systemClock,
    random: createRandom(randomUUID()),
    signal: interrupt.signal,
    terminal: {
      out: createOutput(),
      error: (text) => void process.stderr.write(text),
      isInteractive,
      columns: process.stdout.columns ?? defaultColumns,
    },
    readFile: (path) => readWhole(resolve(folder, path)),
    exists: (path) =>
      access(resolve(folder, path)).then(
        () => true,
        () => false,
      ),
    writeFile: (path, data, options) => writeWhole(resolve(folder, path), data, options?.makeFolder ?? false),
    ask,
    services,
  };
}

/** File descriptor of standard output. */
const standardOutput = 1;

/**
 * Writes to standard output. Where that is a file it is written here and now, since the runtime's stream keeps a full
 * disk to itself, and half an exported trail must not look like a whole one. Throws ProblemError: FILE_UNREADABLE.
 */
function createOutput(): (text: string) => void {
  if (!isFile(standardOutput)) return (text) => void process.stdout.write(text);
  return (text) => {
    try {
      for (let rest = Buffer.from(text); rest.length > 0; ) {
        rest = rest.subarray(writeSync(standardOutput, rest));
      }
    } catch (error) {
      throw fileProblem('standard output', 'written', error);
    }
  };
}

/** Neither a terminal nor a pipe, whose readers may be slow or go away. */
function isFile(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFile() || (status.isCharacterDevice() && !process.stdout.isTTY);
  } catch {
    return false;
  }
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileProblem(path, 'read', error);
  }
}

/** Beside the place first, then in one rename: a reader never sees half a file. */
async function writeWhole(path: string, data: string | Uint8Array, makeFolder: boolean): Promise<void> {
  const draft = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    // A folder that is misspelt is told, one of our own is made.
    if (makeFolder) await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, data);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw fileProblem(path, 'written', error);
  }
}

function fileProblem(path: string, what: string, error: unknown): ProblemError {
  return new ProblemError({
    code: 'FILE_UNREADABLE',
    message: `${path} cannot be ${what}: ${error instanceof Error ? error.message : String(error)}`,
    subject: path,
    remedy: 'Check the path and the rights.',
  });
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}
