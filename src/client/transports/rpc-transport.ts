import type { Transport } from '@connectrpc/connect';
import {
  type CommonTransportOptions,
  type UniversalClientFn,
  validateReadWriteMaxBytes,
} from '@connectrpc/connect/protocol';
import { createTransport as createGrpc } from '@connectrpc/connect/protocol-grpc';
import { createTransport as createGrpcWeb } from '@connectrpc/connect/protocol-grpc-web';
import { compressionGzip } from '@connectrpc/connect-node';
import type { HttpVersion } from '../../domain/http-version.ts';

/** Bytes of one answer; a snapshot that is sent whole stays below. */
const maxAnswerBytes = 128 * 1_048_576;
/** Bytes of one request message; the service takes no more. */
const maxRequestBytes = 16 * 1_048_576;
/** Smaller messages are not worth compressing. */
const compressMinBytes = 1024;

/** Calls over a connection: gRPC where there are trailers, gRPC-Web over HTTP/1.1, where there are none to rely on. */
export function createRpcTransport(origin: string, version: HttpVersion, send: UniversalClientFn): Transport {
  const options: CommonTransportOptions = {
    baseUrl: origin,
    httpClient: send,
    useBinaryFormat: true,
    interceptors: [],
    acceptCompression: [compressionGzip],
    sendCompression: null,
    ...validateReadWriteMaxBytes(maxAnswerBytes, maxRequestBytes, compressMinBytes),
  };
  return version === 'h1' ? createGrpcWeb(options) : createGrpc(options);
}
