import type { Transport } from '@connectrpc/connect';
import type { UniversalClientFn } from '@connectrpc/connect/protocol';
import { createTransport as createConnectTransport } from '@connectrpc/connect/protocol-connect';
import { createTransport as createGrpcTransport } from '@connectrpc/connect/protocol-grpc';
import { connectAsync, type Http3ClientSession, type IncomingHeaders } from '@currentspace/http3';
import { createH3Send } from '../client/transports/h3-send.ts';
import type { NativeHeader } from './http3-addon.ts';

/** A client of HTTP/3 for tests: how our own client sends, and nothing of how it connects. */
export interface TestH3Client {
  readonly session: Http3ClientSession;
  readonly fetch: UniversalClientFn;
  /** Sends a header section as it is, without a body; answers the status. */
  send(headers: readonly NativeHeader[]): Promise<number>;
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
  const fetch = createH3Send(session, `localhost:${port}`, { begin() {}, end() {}, stop() {} });
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
      return new Promise((resolve, reject) => {
        stream.once('response', (answer: IncomingHeaders) => resolve(Number(answer[':status'])));
        stream.on('error', reject);
        stream.once('close', () => reject(new Error('the stream was closed before its answer')));
      });
    },
    grpc: () => createGrpcTransport(common),
    connect: (useBinaryFormat = true) => createConnectTransport({ ...common, useBinaryFormat }),
    close: () => session.close(),
  };
}

function toIncoming(headers: readonly NativeHeader[]): IncomingHeaders {
  const incoming: Record<string, string | string[]> = {};
  for (const { name, value } of headers) {
    const before = incoming[name];
    incoming[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return incoming;
}
