import { beginMesh, mesh, runMesh } from '../support/mesh-process.ts';

/** Somebody at the command line: every step of the demo is a command that you could type. */
export interface Operator {
  /** Runs a command, shows it and its answer; throws when it does not end as expected. */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs a command with `-o json` without showing it. */
  json<T>(args: readonly string[]): Promise<T>;
}

export interface RunOptions {
  readonly as?: string;
  /** Exit codes that are in order; 0 unless told. */
  readonly expect?: readonly number[];
  /** After this many milliseconds the command stands still, and the demo ends with an error; two minutes unless told. */
  readonly limitMs?: number;
}

/** Every step takes seconds; the answers so far say why one does not. */
const usualLimitMs = 120_000;

/**
 * @param config file of profiles that the service wrote
 * @param fleet address of the simulated fleet
 */
export function createOperator(config: string, fleet: string, say: (text: string) => void): Operator {
  const env = { ...process.env, MESH_CONFIG: config, MESH_FLEET: fleet };
  return {
    async run(args, options = {}) {
      const who = options.as ? ['--as', options.as] : [];
      say(`\n$ mesh ${[...who, ...args].map(quoted).join(' ')}\n`);
      const running = beginMesh([...who, ...args], { env, echo: say });
      const limitMs = options.limitMs ?? usualLimitMs;
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        running.interrupt();
      }, limitMs);
      const answer = await running.answer;
      clearTimeout(timer);
      if (isLate) throw new Error(`mesh ${args.join(' ')} had not ended after ${limitMs / 1000} s`);
      const expected = options.expect ?? [0];
      if (!expected.includes(answer.code)) {
        throw new Error(`mesh ${args.join(' ')} ended with ${answer.code}, not ${expected.join(' or ')}`);
      }
      return answer.stdout;
    },
    async json<T>(args: readonly string[]) {
      const answer = await runMesh([...args, '-o', 'json'], undefined, { env });
      if (answer.code !== 0)
        throw new Error(`${mesh} ${args.join(' ')} ended with ${answer.code}: ${answer.stderr}`);
      return JSON.parse(answer.stdout) as T;
    },
  };
}

function quoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument}'`;
}
