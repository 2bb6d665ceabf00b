import { create, type DescMethod, type DescMethodStreaming, type DescMethodUnary } from '@bufbuild/protobuf';
import { type ContextValues, createContextValues, type Transport } from '@connectrpc/connect';
import {
  createAsyncIterable,
  readAllBytes,
  type UniversalClientFn,
  type UniversalHandlerFn,
} from '@connectrpc/connect/protocol';
import { createTransport as createConnectTransport } from '@connectrpc/connect/protocol-connect';
import { createTransport as createGrpcTransport } from '@connectrpc/connect/protocol-grpc';
import { createTransport as createGrpcWebTransport } from '@connectrpc/connect/protocol-grpc-web';
import { problemsOfStatus } from './rest/problem-document.ts';
import { restRoutesOf } from './rest/rest-routes.ts';

/** A way to the API: a connection of one HTTP version, or none at all. */
export interface Wire {
  readonly baseUrl: string;
  readonly client: UniversalClientFn;
}

export const rpcProtocols = ['grpc', 'grpc-web', 'connect'] as const;
export type Protocol = (typeof rpcProtocols)[number] | 'rest';

/** The handler itself, without a socket. */
export function memoryWire(handler: UniversalHandlerFn, values?: ContextValues): Wire {
  return {
    baseUrl: 'https://mesh.test',
    async client({ url, method, header, body, signal }) {
      const answer = await handler({
        httpVersion: '2.0',
        url,
        method,
        header,
        body: body ?? createAsyncIterable([]),
        signal: signal ?? new AbortController().signal,
        contextValues: values ?? createContextValues(),
      });
      return {
        status: answer.status,
        header: new Headers(answer.header),
        body: answer.body ?? createAsyncIterable([]),
        // Not a copy: they are complete when the body has ended.
        trailer: answer.trailer ?? new Headers(),
      };
    },
  };
}

/** One of Connect's own clients over a wire. */
export function rpcTransport({ baseUrl, client }: Wire, protocol: (typeof rpcProtocols)[number]): Transport {
  const options = {
    baseUrl,
    httpClient: client,
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 1_024,
    readMaxBytes: 2 ** 28,
    writeMaxBytes: 2 ** 28,
  };
  if (protocol === 'grpc') return createGrpcTransport(options);
  return protocol === 'grpc-web' ? createGrpcWebTransport(options) : createConnectTransport(options);
}

/** Calls a method with an empty request, as far as its first answer. Throws what it was refused with. */
export async function callEmpty(
  transport: Transport,
  method: DescMethod,
  headers: HeadersInit,
): Promise<void> {
  const leaving = new AbortController();
  try {
    if (method.methodKind === 'unary') {
      const empty = create(method.input);
      await transport.unary(method as DescMethodUnary, leaving.signal, undefined, headers, empty);
      return;
    }
    const requests = createAsyncIterable([create(method.input)]);
    const streaming = method as DescMethodStreaming;
    const { message } = await transport.stream(streaming, leaving.signal, undefined, headers, requests);
    for await (const _ of message) break;
  } finally {
    leaving.abort();
  }
}

/** Codes that a call with an empty request is refused with; empty when it is not. */
export async function rpcRefusal(transport: Transport, method: DescMethod, headers: HeadersInit) {
  try {
    await callEmpty(transport, method, headers);
    return [];
  } catch (thrown) {
    return problemsOfStatus(thrown).map(({ code }) => code);
  }
}

/** The same over the method's first route; undefined where it has none. */
export async function restRefusal(
  { baseUrl, client }: Wire,
  method: DescMethod,
  headers: Readonly<Record<string, string>>,
): Promise<readonly string[] | undefined> {
  const route = restRoutesOf([method.parent]).find((each) => each.method === method);
  if (!route) return undefined;
  const leaving = new AbortController();
  const answer = await client({
    url: `${baseUrl}${route.template.text.replaceAll(/\{[^}]*\}/g, 'x')}`,
    method: route.httpMethod,
    header: new Headers({ ...headers, ...(route.hasBody ? { 'content-type': 'application/json' } : {}) }),
    body: createAsyncIterable(route.hasBody ? [new TextEncoder().encode('{}')] : []),
    signal: leaving.signal,
  });
  if (answer.status === 200) {
    leaving.abort();
    return [];
  }
  const bytes = await readAllBytes(answer.body, 2 ** 20);
  return [(JSON.parse(new TextDecoder().decode(bytes)) as { code: string }).code];
}
