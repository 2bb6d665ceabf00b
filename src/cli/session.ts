import { type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { clientErrorOf } from '../client/client-error.ts';
import { createMeshClient, type MeshClient } from '../client/mesh-client.ts';
import { ProblemError } from '../domain/problem.ts';
import type { CliContext } from './cli-context.ts';
import { printBug, printProblems, problemsOf } from './print-problems.ts';
import { createStyle, type Style } from './style.ts';

/** What one run of a command works with. */
export interface Session {
  readonly context: CliContext;
  readonly style: Style;
  /** Whether answers are JSON for programs. */
  readonly json: boolean;
  readonly address: string;
  /** Connects on first use. */
  readonly client: MeshClient;
  /** Calls the service; what it throws is a `MeshClientError` with problems. */
  call<T>(ask: (client: MeshClient) => Promise<T>): Promise<T>;
  /** Prints a message for programs, with every field, also those at their default. */
  printJson<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): void;
  printText(text: string): void;
}

/** Options that every command has. */
export interface GlobalOptions {
  readonly address?: string;
  readonly as?: string;
  readonly output?: string;
  readonly color?: boolean;
  readonly timeout?: string;
}

export type Action<Args extends unknown[]> = (session: Session, ...args: Args) => Promise<number | undefined>;

export const defaultAddress = 'http://127.0.0.1:7443';

/**
 * Turns a command's function into commander's: makes the session, and prints what goes wrong.
 *
 * @param done told the exit code
 */
export function action<Args extends unknown[]>(
  context: CliContext,
  done: (exitCode: number) => void,
  run: Action<Args>,
): (...args: [...Args, Command]) => Promise<void> {
  return async (...all) => {
    const command = all.at(-1) as Command;
    const args = all.slice(0, -1) as unknown as Args;
    const session = createSession(context, command.optsWithGlobals<GlobalOptions>());
    try {
      done((await run(session, ...args)) ?? 0);
    } catch (thrown) {
      const problems = problemsOf(thrown, session.address);
      done(
        problems
          ? printProblems(problems, context.terminal, session.style, session.json)
          : printBug(thrown, context.terminal),
      );
    }
  };
}

export function createSession(context: CliContext, options: GlobalOptions): Session {
  const address = normalised(options.address ?? context.env.MESH_ADDRESS ?? defaultAddress);
  const json = options.output === 'json';
  const colour = options.color !== false && context.terminal.isInteractive && !context.env.NO_COLOR && !json;
  const principal = options.as ?? context.env.MESH_PRINCIPAL;
  let client: MeshClient | undefined;
  const connected = (): MeshClient => {
    client ??= createMeshClient({
      address,
      ...(principal ? { principal } : {}),
      ...(options.timeout ? { timeoutMs: Number(options.timeout) * 1000 } : {}),
    });
    return client;
  };
  return {
    context,
    style: createStyle(colour),
    json,
    address,
    get client() {
      return connected();
    },
    async call(ask) {
      try {
        return await ask(connected());
      } catch (thrown) {
        throw clientErrorOf(thrown, address);
      }
    },
    printJson(schema, message) {
      context.terminal.out(
        `${JSON.stringify(toJson(schema, message, { alwaysEmitImplicit: true }), null, 2)}\n`,
      );
    },
    printText: (text) => context.terminal.out(text),
  };
}

function normalised(address: string): string {
  const url = address.includes('://') ? address : `http://${address}`;
  if (URL.canParse(url)) return url.replace(/\/+$/, '');
  throw new ProblemError({
    code: 'FIELD_INVALID',
    message: `"${address}" is not an address`,
    field: '--address',
    value: address,
    limit: 'http://HOST:PORT',
    remedy: `Give for instance ${defaultAddress}.`,
  });
}
