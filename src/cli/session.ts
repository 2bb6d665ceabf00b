import type { Connection } from '../client/connection.ts';
import type { MeshClient } from '../client/mesh-client.ts';
import { parseAddress } from './address.ts';
import type { CliContext } from './cli-context.ts';
import type { GlobalOptions } from './global-options.ts';
import { type OutputForm, outputForm } from './output-form.ts';

/** What one run of a command works with. */
export interface Session extends OutputForm {
  readonly context: CliContext;
  readonly address: string;
  /** The service; connects on first use. For streams: calls that answer once go through `call`. */
  client(): Promise<MeshClient>;
  /** Calls the service; what it throws is a `MeshClientError` with problems. */
  call<T>(ask: (client: MeshClient) => Promise<T>): Promise<T>;
  printText(text: string): void;
}

export const defaultAddress = 'http://127.0.0.1:7443';

/** @throws ProblemError with FIELD_INVALID when the address is none */
export function createSession(context: CliContext, options: GlobalOptions): Session {
  const given = options.address ?? (context.env.MESH_ADDRESS || defaultAddress);
  const address = parseAddress(given, '--address', defaultAddress);
  const principal = options.as ?? context.env.MESH_PRINCIPAL;
  let opening: Promise<Connection> | undefined;
  // The client and the contract's code are loaded here, so that commands without a service start at once.
  const connected = async (): Promise<Connection> => {
    const { openConnection } = await import('../client/connection.ts');
    return openConnection({
      address,
      ...(principal ? { principal } : {}),
      ...(context.transport ? { transport: context.transport } : {}),
      ...(options.timeout ? { timeoutMs: options.timeout * 1000 } : {}),
    });
  };
  const connection = (): Promise<Connection> => {
    opening ??= connected();
    return opening;
  };
  return {
    ...outputForm(context, options),
    context,
    address,
    client: async () => (await connection()).client,
    call: async (ask) => (await connection()).call(ask),
    printText: (text) => context.terminal.out(text),
  };
}
