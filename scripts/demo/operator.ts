import { mesh, runMesh } from '../support/mesh-process.ts';

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
}

export function createOperator(address: string, fleet: string, say: (text: string) => void): Operator {
  return {
    async run(args, options = {}) {
      const who = options.as ? ['--as', options.as] : [];
      say(`\n$ mesh ${[...who, ...args].map(quoted).join(' ')}\n`);
      const answer = await runMesh([...connection(args, address, fleet), ...who, ...args], say);
      const expected = options.expect ?? [0];
      if (!expected.includes(answer.code)) {
        throw new Error(`mesh ${args.join(' ')} ended with ${answer.code}, not ${expected.join(' or ')}`);
      }
      return answer.stdout;
    },
    async json<T>(args: readonly string[]) {
      const answer = await runMesh([...connection(args, address, fleet), ...args, '-o', 'json']);
      if (answer.code !== 0)
        throw new Error(`${mesh} ${args.join(' ')} ended with ${answer.code}: ${answer.stderr}`);
      return JSON.parse(answer.stdout) as T;
    },
  };
}

/** Addresses go by the environment of a person; here by flags, so that nothing else is touched. */
function connection(args: readonly string[], address: string, fleet: string): string[] {
  process.env.MESH_FLEET = fleet;
  return args[0] === 'fleet' ? [] : ['--address', address];
}

function quoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument}'`;
}
