import { clientErrorOf } from './client-error.ts';
import { createMeshClient, type MeshClient, type MeshClientOptions } from './mesh-client.ts';

/** A client, and calls whose failures are problems. */
export interface Connection {
  readonly client: MeshClient;
  /** @throws MeshClientError with the problems that the service named, or that it does not answer */
  call<T>(ask: (client: MeshClient) => Promise<T>): Promise<T>;
}

export function openConnection(options: MeshClientOptions): Connection {
  const client = createMeshClient(options);
  return {
    client,
    async call(ask) {
      try {
        return await ask(client);
      } catch (thrown) {
        throw clientErrorOf(thrown, options.address);
      }
    },
  };
}
