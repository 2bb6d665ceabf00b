import { expect } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DescMessage, fromJson, type JsonValue, type MessageShape } from '@bufbuild/protobuf';
import {
  beginMesh,
  type MeshAnswer,
  type MeshProcess,
  type MeshRun,
} from '../../scripts/support/mesh-process.ts';

/** A problem as `-o json` prints it to standard error. */
export interface PrintedProblem {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly value?: string | number | boolean;
  readonly limit?: string | number | boolean;
  readonly subject?: string;
  readonly remedy?: string;
}

export interface CommandOptions {
  /** Who asks: `--as`. */
  readonly as?: string;
  /** Exit code that the command must have; 0 when left out. */
  readonly exit?: number;
}

/** Somebody at a terminal. Every command checks its exit code and shows the whole answer when it is another. */
export interface Cli {
  /** Runs a command; answers standard output. */
  run(args: readonly string[], options?: CommandOptions): Promise<string>;
  /** Runs a command with `-o json` and reads its answer as a message of the contract. */
  read<Desc extends DescMessage>(
    schema: Desc,
    args: readonly string[],
    options?: CommandOptions,
  ): Promise<MessageShape<Desc>>;
  /** Runs a command that must be refused; answers what it says is wrong, and that it printed nothing else. */
  refused(
    args: readonly string[],
    options: CommandOptions & { readonly exit: number },
  ): Promise<readonly PrintedProblem[]>;
  /** Begins a command and leaves it running. */
  begin(args: readonly string[], options?: Pick<CommandOptions, 'as'>): MeshRun;
  /** Runs a command to its end, whatever that is. */
  answer(args: readonly string[], options?: Pick<CommandOptions, 'as'>): Promise<MeshAnswer>;
}

export interface CliOptions {
  /** The rebalancer that is talked to, with its development credentials; absent where a command needs none. */
  readonly service?: Pick<MeshProcess, 'ready'>;
  /** Of a rebalancer that is not there. */
  readonly address?: string;
  readonly fleet?: string;
  readonly namespace?: string;
  /** Where relative paths begin. */
  readonly folder?: string;
  /** What to run instead of the executable. */
  readonly program?: readonly string[];
}

/** What a developer has set up for himself must not be found. */
const noConfig = '/nonexistent/mesh/config.yaml';
/** What commands remember of transports; each run of the tests begins without. */
const cacheFolder = mkdtempSync(join(tmpdir(), 'mesh-cache-'));
process.once('exit', () => rmSync(cacheFolder, { recursive: true, force: true }));

export function createCli(options: CliOptions = {}): Cli {
  const { program, folder } = options;
  const env = cleanEnvironment({
    MESH_ADDRESS: options.address,
    MESH_CONFIG: options.service ? String(options.service.ready.config) : noConfig,
    MESH_CACHE: cacheFolder,
    MESH_FLEET: options.fleet,
    MESH_NAMESPACE: options.namespace,
  });
  const begin: Cli['begin'] = (args, { as } = {}) =>
    beginMesh([...(as ? ['--as', as] : []), ...args], {
      env,
      ...(program ? { program } : {}),
      ...(folder ? { folder } : {}),
    });
  const checked = async (args: readonly string[], { as, exit = 0 }: CommandOptions): Promise<MeshAnswer> => {
    const answer = await begin(args, as ? { as } : {}).answer;
    expect({ command: args.join(' '), ...answer }).toMatchObject({ command: args.join(' '), code: exit });
    return answer;
  };
  return {
    begin,
    answer: (args, who) => begin(args, who).answer,
    run: async (args, command = {}) => (await checked(args, command)).stdout,
    async read(schema, args, command = {}) {
      const { stdout } = await checked([...args, '-o', 'json'], command);
      return fromJson(schema, JSON.parse(stdout) as JsonValue);
    },
    async refused(args, command) {
      const { stdout, stderr } = await checked([...args, '-o', 'json'], command);
      expect(stdout).toBe('');
      return (JSON.parse(stderr) as { problems: PrintedProblem[] }).problems;
    },
  };
}

/** What a process needs of ours, and nothing of the settings that a developer may have. */
export function cleanEnvironment(
  settings: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(MESH|NO_COLOR|FORCE_COLOR|COLUMNS)/.test(name),
  );
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...kept, ...given]);
}
