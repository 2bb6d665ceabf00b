import type { Interceptor, Transport } from '@connectrpc/connect';
import type { UniversalClientFn } from '@connectrpc/connect/protocol';
import { createTransport as createConnect } from '@connectrpc/connect/protocol-connect';
import { createTransport as createGrpc } from '@connectrpc/connect/protocol-grpc';
import { createTransport as createGrpcWeb } from '@connectrpc/connect/protocol-grpc-web';
import { compressionGzip } from '@connectrpc/connect-node';
import { systemClock } from '../../src/base/clock.ts';
import { createEndpoint } from '../../src/client/transports/endpoint.ts';
import { openH3 } from '../../src/client/transports/h3-connection.ts';
import type { HttpConnection } from '../../src/client/transports/http-connection.ts';
import { openTcp } from '../../src/client/transports/tcp-connection.ts';
import type { HttpVersion } from '../../src/domain/http-version.ts';
import type { Place } from './stage.ts';

/** The ways of calling that are measured, by protocol and HTTP version. */
export const rpcWires = ['grpc/h3', 'grpc/h2', 'grpc-web/h1', 'connect/h2'] as const;
export const restWires = ['rest/h3', 'rest/h2', 'rest/h1'] as const;
export type RpcWire = (typeof rpcWires)[number];
export type RestWire = (typeof restWires)[number];

/** A connection of the shared client, HTTP version chosen. */
export async function connect({ url, ca }: Place, version: HttpVersion): Promise<HttpConnection> {
  const endpoint = createEndpoint(url, { ca });
  const opening =
    version === 'h3' ? openH3(endpoint, systemClock) : openTcp(endpoint, [version], systemClock);
  const opened = await opening.done;
  if (!opened.ok) throw new Error(`no ${version}: ${JSON.stringify(opened.error)}`);
  return opened.value;
}

export function versionOf(wire: RpcWire | RestWire): HttpVersion {
  return wire.slice(-2) as HttpVersion;
}

/** What a call says of its caller; development credentials let one token be many principals. */
export function callerHeaders({ token }: Place, principal: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}`, 'x-meshkit-principal': principal };
}

/**
 * Decodes into messages as the shared client does.
 *
 * @param gzip whether answers may come compressed; the shared client's may
 */
export function rpcTransport(
  wire: RpcWire,
  { url }: Place,
  send: UniversalClientFn,
  headers: Readonly<Record<string, string>>,
  gzip = false,
): Transport {
  const withHeaders: Interceptor = (next) => (request) => {
    for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
    return next(request);
  };
  const options = {
    baseUrl: url,
    httpClient: send,
    useBinaryFormat: true,
    interceptors: [withHeaders],
    acceptCompression: gzip ? [compressionGzip] : [],
    sendCompression: null,
    compressMinBytes: 1_024,
    readMaxBytes: 128 * 1_048_576,
    writeMaxBytes: 16 * 1_048_576,
  };
  if (wire === 'connect/h2') return createConnect(options);
  return wire === 'grpc-web/h1' ? createGrpcWeb(options) : createGrpc(options);
}

/** Asks a route of REST; parsed JSON. */
export async function getJson(
  send: UniversalClientFn,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<unknown> {
  const answer = await send({ url, method: 'GET', header: new Headers(headers) });
  const text = await textOf(answer.body);
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
