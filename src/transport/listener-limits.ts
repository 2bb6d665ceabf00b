/** What one listener gives to its callers at most; every bound can be set in the configuration (`limits`). */
export interface ListenerLimits {
  /** Bytes of the body of a request that is no stream; of streams, the API bounds each message. */
  readonly maxRequestBytes: number;
  /** Bytes of all header names and values, each header counted with 32 more (RFC 9113, 6.5.2). */
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  /** Bytes of path and query. */
  readonly maxUrlBytes: number;
  /** Calls at the same time in one connection. */
  readonly maxStreamsPerConnection: number;
  /** Connections at the same time, over TCP and QUIC together. */
  readonly maxConnections: number;
  /** Of these, from one IP address. */
  readonly maxConnectionsPerAddress: number;
  /** How long a connection without calls is kept, in milliseconds; also the time for its handshake and first request. */
  readonly idleTimeoutMs: number;
  /** In which a request that is no stream must have arrived whole, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** In which a call that is no stream must be answered, in milliseconds. */
  readonly callTimeoutMs: number;
  /** How long a response waits for a reader that takes nothing, in milliseconds. */
  readonly writeTimeoutMs: number;
  /** Calls of one connection that its client may give up within `resetWindowMs`. */
  readonly maxResets: number;
  /** Milliseconds. */
  readonly resetWindowMs: number;
}

export const defaultListenerLimits: ListenerLimits = {
  // Policies and lists of moves stay far below.
  maxRequestBytes: 16 * 1_048_576,
  // A token with many groups is a few KiB; what is longer does not fit other servers' 16 KiB either.
  maxHeaderBytes: 16_384,
  // Browsers and proxies send about 30.
  maxHeaders: 100,
  // Filters and cursors are short.
  maxUrlBytes: 8_192,
  // A console has a handful of watches open; a program that needs more opens another connection.
  maxStreamsPerConnection: 256,
  // Twice the 5,000 watchers that one service must carry. About 40 KiB of memory each.
  maxConnections: 10_000,
  // Agents behind one address translator are many; one attacker must not have them all.
  maxConnectionsPerAddress: 1_000,
  // Longer than the 30 s of QUIC clients and proxies, so that they decide.
  idleTimeoutMs: 60_000,
  // 16 MiB over 5 Mbit/s.
  requestTimeoutMs: 30_000,
  // Planning from a large snapshot takes seconds; clients have deadlines of their own.
  callTimeoutMs: 120_000,
  // Longer than a handover between networks.
  writeTimeoutMs: 30_000,
  // A console gives up a few watches when a page changes; CVE-2023-44487 needs thousands a second.
  maxResets: 200,
  resetWindowMs: 10_000,
};
