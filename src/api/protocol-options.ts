import type { UniversalHandlerOptions } from '@connectrpc/connect/protocol';
import { compressionBrotli, compressionGzip } from '@connectrpc/connect-node';
import type { ApiDeps } from './api-deps.ts';
import { createErrorInterceptor } from './error-interceptor.ts';
import { createGate } from './gate.ts';
import { validationInterceptor } from './validation-interceptor.ts';

/** Bytes of one request message; policies and lists of moves stay far below. */
const maxRequestBytes = 16 * 1_048_576;
/** Bytes of one answer; a snapshot that is sent whole stays below. */
const maxResponseBytes = 128 * 1_048_576;
/** Smaller answers are sent as they are. */
const compressMinBytes = 1_024;
/** Longest deadline that a caller may ask for: a call that takes longer is forgotten by everybody. Streams give none. */
const maxTimeoutMs = 3_600_000;

/** What holds for a call whatever protocol it comes by: who may, what is right, how it fails, how large it is. */
export function createProtocolOptions(deps: ApiDeps, shutdown?: AbortSignal): UniversalHandlerOptions {
  return {
    requestGate: createGate(deps),
    // Outermost first: what validation finds becomes a status like any other problem.
    interceptors: [createErrorInterceptor(deps.log), validationInterceptor],
    acceptCompression: [compressionGzip, compressionBrotli],
    compressMinBytes,
    readMaxBytes: maxRequestBytes,
    writeMaxBytes: maxResponseBytes,
    maxTimeoutMs,
    requireConnectProtocolHeader: false,
    ...(shutdown ? { shutdownSignal: shutdown } : {}),
  };
}
