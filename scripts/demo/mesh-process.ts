import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** The executable that the demo drives, as a user would. */
export const mesh = join(
  import.meta.dir,
  '..',
  '..',
  'dist',
  process.platform === 'win32' ? 'mesh.exe' : 'mesh',
);

/** A long-running `mesh` process that has said that it is ready. */
export interface MeshProcess {
  /** What its ready line says. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly url: string;
  readonly pid: number;
  /** Ends it and waits until it is gone; `SIGKILL` leaves it no time. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** How long a process may take until it is ready. */
const readyLimitMs = 60_000;

/** Starts `mesh ARGS` and waits for the JSON line that says that it is ready. */
export async function startMesh(
  args: readonly string[],
  onLog: (line: string) => void = () => {},
): Promise<MeshProcess> {
  const child = spawn(mesh, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lastLines: string[] = [];
  eachLine(child.stderr, (line) => {
    lastLines.push(line);
    if (lastLines.length > 20) lastLines.shift();
    onLog(line);
  });
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not ready in time: mesh ${args.join(' ')}`)),
      readyLimitMs,
    );
    eachLine(child.stdout, (line) => {
      if (!line.startsWith('{')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line) as Record<string, unknown>);
    });
    child.once('exit', (code) => {
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
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `mesh ARGS` to its end; `echo` gets standard output and errors as they come. */
export function runMesh(args: readonly string[], echo?: (text: string) => void): Promise<MeshAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(mesh, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      echo?.(chunk.toString());
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      echo?.(chunk.toString());
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

async function stopProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(timer);
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer | string) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
}
