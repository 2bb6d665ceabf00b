import type { MeshClient } from '../client/mesh-client.ts';
import type { Connected } from '../client/transports/negotiating-transport.ts';
import { ProblemError } from '../domain/problem.ts';
import type { CliContext } from './cli-context.ts';
import type { GlobalOptions } from './global-options.ts';
import { type OutputForm, outputForm } from './output-form.ts';
import type { ClientSettings } from './settings/client-settings.ts';

/** What one run of a command works with. */
export interface Session extends OutputForm {
  readonly context: CliContext;
  readonly options: GlobalOptions;
  /** How the service is reached; read when it is first asked for. Throws ProblemError for what is wrong with it. */
  settings(): Promise<ClientSettings>;
  /** The service; connects on first use. For streams: calls that answer once go through `call`. */
  client(): Promise<MeshClient>;
  /** Calls the service; what it throws is a `MeshClientError` with problems. */
  call<T>(ask: (client: MeshClient) => Promise<T>): Promise<T>;
  printText(text: string): void;
  /** Closes what was opened. */
  close(): Promise<void>;
}

export function createSession(context: CliContext, options: GlobalOptions): Session {
  const { terminal } = context;
  let settings: Promise<ClientSettings> | undefined;
  let opening: Promise<MeshClient> | undefined;
  // The client and the contract's code are loaded here, so that commands without a service start at once.
  const resolved = async (): Promise<ClientSettings> => {
    const { resolveClientSettings } = await import('./settings/client-settings.ts');
    return resolveClientSettings(context, options);
  };
  const opened = async (): Promise<MeshClient> => {
    const { openClient } = await import('./settings/open-client.ts');
    return openClient(context, await session.settings(), (connected) => {
      if (options.verbose) terminal.error(describeConnected(connected));
    });
  };
  const session: Session = {
    ...outputForm(context, options),
    context,
    options,
    settings() {
      settings ??= resolved();
      return settings;
    },
    client() {
      opening ??= opened();
      return opening;
    },
    call: async (ask) =>
      (await session.client()).call(ask).catch(async (thrown) => {
        throw await withHint(thrown, session);
      }),
    printText: (text) => terminal.out(text),
    async close() {
      const client = await opening?.catch(() => undefined);
      await client?.close();
    },
  };
  return session;
}

/** Who showed no credential is told how to show one. */
async function withHint(thrown: unknown, session: Session): Promise<unknown> {
  if (!(thrown instanceof ProblemError) || thrown.problems[0].code !== 'UNAUTHENTICATED') return thrown;
  const { token, clientCertificate } = await session.settings();
  if (token || clientCertificate) return thrown;
  const [first, ...others] = thrown.problems;
  const remedy =
    `${first.remedy ?? ''} Name one with --token-file, MESH_TOKEN or a profile (mesh config).`.trim();
  return new ProblemError({ ...first, remedy }, ...others);
}

/** For `--verbose`. */
export function describeConnected({ version, handshakeMs, downgrade }: Connected): string {
  const text = `connected over ${version} in ${Math.round(handshakeMs)} ms`;
  if (!downgrade) return `${text}\n`;
  const { from, reason, afterMs } = downgrade;
  const why = afterMs === 0 ? `${reason}, remembered` : `${reason}, given up after ${Math.round(afterMs)} ms`;
  return `${text}; wanted ${from} (${why})\n`;
}
