import type { Transport } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';

/** A connection to a fleet's contracts, shared by the adapters that speak them; opens itself when first used. */
export interface FleetChannel {
  /** As configured, for messages: `http://127.0.0.1:7100`. */
  readonly address: string;
  readonly transport: Transport;
  /** Ends the connection and every call and stream on it; a later call opens a new one. */
  close(): void;
}

export interface FleetChannelOptions {
  /** Between PINGs on a connection with open streams that are silent; 10 s when absent. */
  readonly pingIntervalMs?: number;
  /** After so long without an answer to a PING the connection is dead; 5 s when absent. */
  readonly pingTimeoutMs?: number;
}

/** A connection that died without a word is noticed within the sum of the two. */
const defaultPings = { pingIntervalMs: 10_000, pingTimeoutMs: 5_000 };
/** A page of 5000 replica sets is under a megabyte; more than this is a mistake or an attack. */
const maxMessageBytes = 64 * 1024 * 1024;

/** gRPC over HTTP/2; without TLS when the address begins with `http:`. */
export function createFleetChannel(address: string, options: FleetChannelOptions = {}): FleetChannel {
  const sessionManager = new Http2SessionManager(address, { ...defaultPings, ...options });
  const transport = createGrpcTransport({
    baseUrl: address,
    sessionManager,
    readMaxBytes: maxMessageBytes,
    // On loopback and within a data centre compressing columns of numbers costs more than it saves.
    acceptCompression: [],
  });
  return { address, transport, close: () => sessionManager.abort() };
}
