import type { Transport } from '@connectrpc/connect';
import type { UniversalClientFn } from '@connectrpc/connect/protocol';
import { createTransport as createConnectTransport } from '@connectrpc/connect/protocol-connect';
import { createTransport as createGrpcTransport } from '@connectrpc/connect/protocol-grpc';
import { connectAsync, type Http3ClientSession } from '@currentspace/http3';
import { createH3Send } from '../client/transports/h3-send.ts';

/** A client of HTTP/3 for tests: how our own client sends, and nothing of how it connects. */
export interface TestH3Client {
  readonly session: Http3ClientSession;
  readonly fetch: UniversalClientFn;
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
    grpc: () => createGrpcTransport(common),
    connect: (useBinaryFormat = true) => createConnectTransport({ ...common, useBinaryFormat }),
    close: () => session.close(),
  };
}
