import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The native part of `@currentspace/http3` that this folder uses: one QUIC endpoint with HTTP/3 on it. */
export interface Http3Addon {
  readonly NativeWorkerServer: new (
    options: NativeServerOptions,
    onEvents: (error: Error | null, events: readonly NativeEvent[]) => void,
  ) => NativeServer;
  /** Counters of the process. */
  runtimeTelemetry(): { readonly outboundPendingWriteBytes: number };
}

export interface NativeServerOptions {
  /** PEM. */
  readonly key: Buffer;
  /** PEM, the whole chain. */
  readonly cert: Buffer;
  readonly maxIdleTimeoutMs?: number;
  /** Flow control: bytes that a connection may have under way to us. */
  readonly initialMaxData?: number;
  /** Of these, in one stream. */
  readonly initialMaxStreamDataBidiLocal?: number;
  /** Requests at the same time in one connection. */
  readonly initialMaxStreamsBidi?: number;
  readonly maxConnections?: number;
  readonly disableRetry?: boolean;
}

export interface NativeHeader {
  readonly name: string;
  readonly value: string;
}

/** Kinds of events (the addon's own numbers). */
export const nativeEvents = {
  newSession: 1,
  headers: 3,
  data: 4,
  finished: 5,
  reset: 6,
  sessionClose: 7,
  drain: 8,
  error: 10,
  shutdownComplete: 15,
  streamBlocked: 16,
  writeReady: 18,
} as const;

export interface NativeEvent {
  readonly eventType: number;
  readonly connHandle: number;
  /** -1 where the event is about the connection. */
  readonly streamId: number;
  readonly headers?: readonly NativeHeader[];
  /** Of the body; also with the headers. */
  readonly data?: Uint8Array;
  readonly fin?: boolean;
  readonly meta?: {
    readonly errorCode?: number;
    readonly errorReason?: string;
    readonly remoteAddr?: string;
    readonly remotePort?: number;
  };
}

/** Commands go into a queue that one worker thread takes from, in order. */
export interface NativeServer {
  /** Throws when the address cannot be had. */
  listen(port: number, host: string): { readonly port: number };
  sendResponseHeaders(
    connection: number,
    stream: number,
    headers: readonly NativeHeader[],
    fin: boolean,
  ): boolean;
  /** `status` 0: taken; 1: the queue is full, `writeReady` follows. */
  streamSend(connection: number, stream: number, data: Buffer, fin: boolean): { readonly status: number };
  sendTrailers(connection: number, stream: number, headers: readonly NativeHeader[]): boolean;
  streamClose(connection: number, stream: number, errorCode: number): boolean;
  /** GOAWAY, and the close itself a moment later. */
  closeSession(connection: number, errorCode: number, reason: string): boolean;
  pingSession(connection: number): boolean;
  /** Gives credit back; the addon pauses when too many events are not yet looked at. */
  ackEventBatch(count: number): void;
  requestShutdown(): boolean;
  joinWorker(): void;
}

/**
 * Loads the addon when HTTP/3 is asked for, not before: it has 6 MB or more. Throws where there is none for the platform. The
 * executable has it built in: there `scripts/build-executable.ts` puts another module in this one's place.
 */
export function loadHttp3Addon(): Http3Addon {
  const require = createRequire(import.meta.url);
  return require(join(dirname(require.resolve('@currentspace/http3')), '..', 'index.js'));
}
