import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

/** The executable that demos and tests drive, as a user would; `MESH` names another one. */
export const mesh = resolve(
  process.env.MESH ??
    join(import.meta.dir, '..', '..', 'dist', process.platform === 'win32' ? 'mesh.exe' : 'mesh'),
);

/** A long-running `mesh` process that has said that it is ready. */
export interface MeshProcess {
  /** What its ready line says. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly url: string;
  readonly pid: number;
  /** Ends it and waits until it is gone; `SIGKILL` leaves it no time. Answers its exit code, null after a signal. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export interface RunOptions {
  /** What to start instead of the executable: a program and its first arguments. */
  readonly program?: readonly string[];
  /** Whole environment; that of this process when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
}

export interface StartOptions extends RunOptions {
  /** Gets standard error line by line: the process's log. */
  readonly onLog?: (line: string) => void;
}

/** How long a process may take until it is ready. */
const readyLimitMs = 60_000;
/** How long an orderly end may take before it is forced. */
const stopLimitMs = 10_000;
/** Lines of the log that are shown when a process does not become ready. */
const shownLogLines = 20;

/** Started and not yet ended: none may outlive us, however we end. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts `mesh ARGS` and waits for the JSON line that says that it is ready. */
export async function startMesh(args: readonly string[], options: StartOptions = {}): Promise<MeshProcess> {
  const child = spawnMesh(args, options);
  const lastLines: string[] = [];
  eachLine(child.stderr, (line) => {
    lastLines.push(line);
    if (lastLines.length > shownLogLines) lastLines.shift();
    options.onLog?.(line);
  });
  const ready = await new Promise<Record<string, unknown>>((done, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not ready in time: mesh ${args.join(' ')}`));
    }, readyLimitMs);
    eachLine(child.stdout, (line) => {
      if (!line.startsWith('{')) return;
      clearTimeout(timer);
      done(JSON.parse(line) as Record<string, unknown>);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(new Error(`mesh ${args.join(' ')} ended with ${code}:\n${lastLines.join('\n')}`));
    });
    child.once('error', reject);
  });
  return {
    ready,
    url: String(ready.url),
    pid: child.pid ?? 0,
    stop: (signal = 'SIGTERM') => stopProcess(child, signal),
  };
}

export interface MeshAnswer {
  /** Exit code; -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MeshRun {
  readonly answer: Promise<MeshAnswer>;
  /** Standard output so far. */
  output(): string;
  /** Sends a signal, as Ctrl-C does. */
  interrupt(signal?: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
}

/** Begins `mesh ARGS`; `echo` gets standard output and errors as they come. */
export function beginMesh(
  args: readonly string[],
  options: RunOptions & { readonly echo?: (text: string) => void } = {},
): MeshRun {
  const child = spawnMesh(args, options);
  let stdout = '';
  let stderr = '';
  const answer = new Promise<MeshAnswer>((done, reject) => {
    child.stdout.on('data', (chunk: string) => {
      stdout += chunk;
      options.echo?.(chunk);
    });
    child.stderr.on('data', (chunk: string) => {
      stderr += chunk;
      options.echo?.(chunk);
    });
    child.once('error', reject);
    child.once('close', (code) => done({ code: code ?? -1, stdout, stderr }));
  });
  return { answer, output: () => stdout, interrupt: (signal = 'SIGINT') => void child.kill(signal) };
}

/** Runs `mesh ARGS` to its end. */
export function runMesh(
  args: readonly string[],
  echo?: (text: string) => void,
  options: RunOptions = {},
): Promise<MeshAnswer> {
  return beginMesh(args, echo ? { ...options, echo } : options).answer;
}

function spawnMesh(args: readonly string[], { program = [mesh], env, folder }: RunOptions) {
  const [command = mesh, ...first] = program;
  const child = spawn(command, [...first, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(env ? { env: { ...env } } : {}),
    ...(folder ? { cwd: folder } : {}),
  });
  // Pieces of output may split a letter; whole letters only.
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

async function stopProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  await gone;
  clearTimeout(timer);
  return child.exitCode;
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
}
