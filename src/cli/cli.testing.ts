import type { Transport } from '@connectrpc/connect';
import type { Clock } from '../base/clock.ts';
import { createRandom } from '../base/random.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { ProblemError } from '../domain/problem.ts';
import type { CliContext, CliServices } from './cli-context.ts';
import { runCli } from './program.ts';

export interface CliAnswer {
  /** Exit code. */
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

export interface TestCli {
  run(...args: readonly string[]): Promise<CliAnswer>;
  /** Files that commands read and write, by path. */
  readonly files: Map<string, Uint8Array>;
  /** As Ctrl-C. */
  interrupt(): void;
}

export interface TestCliOptions {
  readonly transport?: Transport;
  readonly clock?: Clock;
  readonly env?: Readonly<Record<string, string>>;
  readonly isInteractive?: boolean;
  /** What the person at the terminal answers. */
  readonly answer?: string;
  readonly services?: Partial<CliServices>;
}

/** The command line in this process: what it prints is kept, its files are in memory. */
export function createTestCli(options: TestCliOptions = {}): TestCli {
  const files = new Map<string, Uint8Array>();
  const interrupt = new AbortController();
  return {
    files,
    interrupt: () => interrupt.abort(),
    async run(...args) {
      let out = '';
      let error = '';
      const context: CliContext = {
        version: '1.2.3',
        env: options.env ?? {},
        folder: '/',
        clock: options.clock ?? createVirtualClock(),
        random: createRandom('cli'),
        signal: interrupt.signal,
        terminal: {
          out: (text) => {
            out += text;
          },
          error: (text) => {
            error += text;
          },
          isInteractive: options.isInteractive ?? false,
          columns: 120,
        },
        readFile: async (path) => files.get(path) ?? missing(path),
        exists: async (path) => files.has(path),
        writeFile: async (path, data) => {
          files.set(path, typeof data === 'string' ? new TextEncoder().encode(data) : data);
        },
        ask: async () => options.answer,
        ...(options.transport ? { transport: options.transport } : {}),
        services: { ...noServices, ...options.services },
      };
      const code = await runCli(args, context);
      return { code, out, error };
    },
  };
}

function missing(path: string): never {
  throw new ProblemError({ code: 'FILE_UNREADABLE', message: `there is no ${path}`, subject: path });
}

const noServices: CliServices = {
  serve: absent,
  simulateFleet: absent,
  planOffline: absent,
  whatIfOffline: absent,
  explainOffline: absent,
  checkPlannerModule: absent,
};

function absent(): never {
  throw new Error('this test has no such service');
}
