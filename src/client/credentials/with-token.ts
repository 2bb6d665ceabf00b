import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import type { TokenSource } from './token-source.ts';

/**
 * The same transport, on which every call shows the token. Where the service does not take it and there may be a newer
 * one, the call is made once more: who is refused has changed nothing.
 */
export function withToken(transport: Transport, source: TokenSource): Transport {
  const authorized = (header: HeadersInit | undefined, token: string): Headers => {
    const headers = new Headers(header);
    headers.set('authorization', `Bearer ${token}`);
    return headers;
  };
  return {
    async unary(method, signal, timeoutMs, header, ...rest) {
      const token = await source.token();
      try {
        return await transport.unary(method, signal, timeoutMs, authorized(header, token), ...rest);
      } catch (error) {
        if (!isRefusal(error) || !(await source.refused(token))) throw error;
        const newer = await source.token();
        return await transport.unary(method, signal, timeoutMs, authorized(header, newer), ...rest);
      }
    },
    async stream(method, signal, timeoutMs, header, input, ...rest) {
      const token = await source.token();
      // What a caller sends over time cannot be sent again; the one request of a server's stream can.
      if (method.methodKind !== 'server_streaming')
        return transport.stream(method, signal, timeoutMs, authorized(header, token), input, ...rest);
      const requests = await collect(input);
      const open = (shown: string) =>
        transport.stream(method, signal, timeoutMs, authorized(header, shown), replay(requests), ...rest);
      const response = await open(token);
      return {
        ...response,
        message: orAnew(response, async () => {
          if (!(await source.refused(token))) return undefined;
          return await open(await source.token());
        }),
      } as typeof response;
    },
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Unauthenticated;
}

/** The messages of a stream, or of another one when this one is refused before its first. */
async function* orAnew<M>(
  first: { readonly message: AsyncIterable<M> },
  again: () => Promise<{ readonly message: AsyncIterable<M> } | undefined>,
): AsyncGenerator<M, void> {
  let begun = false;
  try {
    for await (const message of first.message) {
      begun = true;
      yield message;
    }
  } catch (error) {
    const second = begun || !isRefusal(error) ? undefined : await again();
    if (!second) throw error;
    yield* second.message;
  }
}

async function collect<T>(input: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const each of input) all.push(each);
  return all;
}

async function* replay<T>(all: readonly T[]): AsyncGenerator<T, void> {
  yield* all;
}
