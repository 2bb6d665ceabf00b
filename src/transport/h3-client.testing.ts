import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import type { UniversalClientFn, UniversalClientResponse } from '@connectrpc/connect/protocol';
import { createTransport as createConnectTransport } from '@connectrpc/connect/protocol-connect';
import { createTransport as createGrpcTransport } from '@connectrpc/connect/protocol-grpc';
import {
  type ClientHttp3Stream,
  connectAsync,
  type Http3ClientSession,
  type IncomingHeaders,
} from '@currentspace/http3';
import type { NativeHeader } from './http3-addon.ts';
import { createHttp3RequestBody, type Http3RequestBody } from './http3-request-body.ts';

/** H3_REQUEST_CANCELLED (RFC 9114, 8.1) */
const requestCancelled = 0x10c;

/** A client of HTTP/3 for tests, from the package whose addon the listener drives. */
export interface TestH3Client {
  readonly session: Http3ClientSession;
  readonly fetch: UniversalClientFn;
  /** Sends a header section as it is, without a body. */
  send(headers: readonly NativeHeader[]): Promise<UniversalClientResponse>;
  grpc(): Transport;
  connect(useBinaryFormat?: boolean): Transport;
  close(): Promise<void>;
}

/**
 * @param ca PEM of the authority that signed the server's certificate
 * @param windowBytes what the server may have under way in one stream
 */
export async function connectH3(port: number, ca: string, windowBytes?: number): Promise<TestH3Client> {
  const session = await connectAsync(
    { address: '127.0.0.1', port, servername: 'localhost' },
    { ca, ...(windowBytes ? { initialMaxStreamDataBidiLocal: windowBytes } : {}) },
  );
  session.on('error', () => {});
  const fetch = createH3Fetch(session);
  const common = {
    httpClient: fetch,
    baseUrl: `https://localhost:${port}`,
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [],
    sendCompression: null,
    compressMinBytes: 1_024,
    readMaxBytes: 0xffffffff,
    writeMaxBytes: 0xffffffff,
  };
  return {
    session,
    fetch,
    send(headers) {
      const stream = session.request(toIncoming(headers), { endStream: true });
      stream.on('error', () => {});
      return responseOf(stream, undefined);
    },
    grpc: () => createGrpcTransport(common),
    connect: (useBinaryFormat = true) => createConnectTransport({ ...common, useBinaryFormat }),
    close: () => session.close(),
  };
}

function createH3Fetch(session: Http3ClientSession): UniversalClientFn {
  return async ({ url, method, header, body, signal }) => {
    const { host, pathname, search } = new URL(url);
    const headers: IncomingHeaders = {
      ':method': method,
      ':scheme': 'https',
      ':authority': host,
      ':path': pathname + search,
      ...Object.fromEntries(header),
    };
    const stream = session.request(headers, { endStream: body === undefined });
    stream.on('error', () => {});
    const response = responseOf(stream, signal);
    if (body) {
      send(stream, body).catch((error) => stream.destroy(error));
    }
    return await response;
  };
}

async function send(stream: ClientHttp3Stream, body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of body) {
    if (stream.destroyed) return;
    if (!stream.write(chunk)) await drained(stream);
  }
  stream.end();
}

function drained(stream: ClientHttp3Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

function responseOf(
  stream: ClientHttp3Stream,
  signal: AbortSignal | undefined,
): Promise<UniversalClientResponse> {
  const trailer = new Headers();
  const body = bodyOf(stream);
  return new Promise((resolve, reject) => {
    const cancelled = new ConnectError('cancelled', Code.Canceled);
    const abort = (): void => {
      body.fail(cancelled);
      stream.close(requestCancelled);
      reject(cancelled);
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    stream.once('response', (headers: IncomingHeaders) => {
      resolve({
        status: Number(headers[':status']),
        header: toHeaders(headers),
        body,
        trailer,
      });
    });
    stream.on('trailers', (headers: IncomingHeaders) => {
      for (const [name, value] of toHeaders(headers)) trailer.append(name, value);
    });
    stream.once('error', (error: Error) => reject(new ConnectError(error.message, Code.Unavailable)));
    stream.once('close', () => reject(new ConnectError('the stream closed', Code.Unavailable)));
  });
}

function toIncoming(headers: readonly NativeHeader[]): IncomingHeaders {
  const incoming: Record<string, string | string[]> = {};
  for (const { name, value } of headers) {
    const before = incoming[name];
    incoming[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return incoming;
}

/**
 * Reads a response as it comes. Listens at once: the package throws away what nobody listens for when a stream ends. The stream
 * is paused while nobody reads, so that tests can be slow readers.
 */
function bodyOf(stream: ClientHttp3Stream): Http3RequestBody {
  const body = createHttp3RequestBody(() => stream.resume());
  stream.on('data', (chunk: Uint8Array) => {
    body.push(chunk);
    if (body.isFull) stream.pause();
  });
  stream.once('end', () => body.finish());
  stream.once('error', (error: Error) => body.fail(new ConnectError(error.message, Code.Unavailable)));
  stream.once('close', () => body.fail(new ConnectError('the stream closed early', Code.Unavailable)));
  return body;
}

function toHeaders(headers: IncomingHeaders): Headers {
  const result = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':')) continue;
    for (const each of Array.isArray(value) ? value : [value]) result.append(name, String(each));
  }
  return result;
}
