import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import type { UniversalClientFn } from '@connectrpc/connect/protocol';
import type { Clock } from '../../base/clock.ts';
import type { HttpVersion } from '../../domain/http-version.ts';
import {
  downgradeHeader,
  formatDowngrade,
  type TransportDowngrade,
} from '../../domain/transport-downgrade.ts';
import { MeshClientError } from '../client-error.ts';
import type { Endpoint } from './endpoint.ts';
import type { HttpConnection } from './http-connection.ts';
import { type Negotiated, negotiate, type Openers, wantedVersion } from './negotiate.ts';
import { createRpcTransport } from './rpc-transport.ts';
import type { TransportChoice } from './transport-choice.ts';
import type { TransportMemory } from './transport-memory.ts';
import { createTurnstile } from './turnstile.ts';

export interface NegotiatingTransportOptions {
  readonly endpoint: Endpoint;
  readonly choice: TransportChoice;
  readonly memory: TransportMemory;
  readonly clock: Clock;
  /** Told of every connection that is made. */
  readonly onConnect?: (connected: Connected) => void;
  readonly openers?: Openers;
}

/** A downgrade as the client saw it. */
export interface Downgrade extends TransportDowngrade {
  /** Milliseconds from the first attempt until the lesser connection was there; 0 where it was remembered. */
  readonly afterMs: number;
}

export interface Connected {
  readonly version: HttpVersion;
  readonly handshakeMs: number;
  /** Absent where it is what was wanted, and where it was told before. */
  readonly downgrade?: Downgrade;
}

/** What a client counts of its own connections. */
export interface ClientTransportStats {
  readonly wanted: HttpVersion;
  /** Of the newest connection; absent before the first. */
  readonly used?: HttpVersion;
  readonly downgrades: readonly Downgrade[];
  /** Requests that were sent, by HTTP version. */
  readonly requests: Readonly<Record<HttpVersion, number>>;
}

export interface NegotiatingTransport extends Transport {
  stats(): ClientTransportStats;
  /** Closes the connections; calls in flight fail. */
  close(): Promise<void>;
}

/** HTTP/3 connections in a row that were lost before they answered anything, after which it is not tried for a while. */
const maxUselessH3 = 2;

/**
 * Calls at the same time over one connection, watches included; more wait their turn. The service takes a few more, and Bun's
 * HTTP/2 does not wait by itself.
 */
const maxConcurrentCalls = 250;

/** Downgrades that a client keeps in its counters. */
const maxDowngrades = 32;

interface Current {
  readonly connection: HttpConnection;
  readonly transport: Transport;
}

/** Connects when the first call comes, and again when the connection was lost. */
export function createNegotiatingTransport(options: NegotiatingTransportOptions): NegotiatingTransport {
  const { endpoint, choice, memory } = options;
  const wanted = wantedVersion(endpoint, choice);
  const requests: Record<HttpVersion, number> = { h3: 0, h2: 0, h1: 0 };
  const downgrades: Downgrade[] = [];
  let opening: Promise<Current> | undefined;
  let current: Current | undefined;
  let closed = false;
  let uselessH3 = 0;
  /** Not yet told to the service. */
  let untold: Downgrade | undefined;

  const noteDowngrade = ({ connection, downgrade }: Negotiated): Downgrade | undefined => {
    if (!downgrade) return undefined;
    const noted: Downgrade = { ...downgrade, to: connection.version };
    const last = downgrades.at(-1);
    // A connection that was lost and made again by what is remembered is no news.
    if (last && noted.afterMs === 0 && last.to === noted.to) return undefined;
    if (downgrades.length < maxDowngrades) downgrades.push(noted);
    untold = noted;
    return noted;
  };

  /** Counts, tells the service of a downgrade, and learns from what happens. */
  const observed = (connection: HttpConnection): UniversalClientFn => {
    let answered = false;
    const turnstile = createTurnstile(maxConcurrentCalls);
    return async (request) => {
      // The signal of a call aborts at its end, whatever that is.
      if (request.signal) await turnstile.enter(request.signal);
      const { version } = connection;
      const telling = untold;
      if (telling) {
        untold = undefined;
        request.header.set(downgradeHeader, formatDowngrade(telling));
      }
      requests[version] += 1;
      try {
        const response = await connection.send(request);
        if (!answered && version !== 'h3' && telling && !offersH3(response.header))
          memory.remember(endpoint.origin, 'no_alt_svc');
        answered = true;
        if (version === 'h3') uselessH3 = 0;
        return { ...response, body: orLost(response.body, connection, request.signal) };
      } catch (error) {
        if (request.signal?.aborted) throw error;
        untold ??= telling;
        if (connection.isOpen()) throw isRefusedStream(error) ? lost(error) : error;
        if (version === 'h3' && !answered) uselessH3 += 1;
        if (uselessH3 >= maxUselessH3) memory.remember(endpoint.origin, 'timeout');
        throw lost(error);
      }
    };
  };

  const open = async (): Promise<Current> => {
    const negotiated = await negotiate(options);
    if (!negotiated.ok)
      throw new MeshClientError([negotiated.error], negotiated.error.code === 'SERVICE_UNREACHABLE');
    const { connection } = negotiated.value;
    if (closed) {
      await connection.close();
      throw alreadyClosed();
    }
    const downgrade = noteDowngrade(negotiated.value);
    const { version, handshakeMs } = connection;
    options.onConnect?.({ version, handshakeMs, ...(downgrade ? { downgrade } : {}) });
    return { connection, transport: createRpcTransport(endpoint.origin, version, observed(connection)) };
  };

  const connected = async (): Promise<Transport> => {
    if (closed) throw alreadyClosed();
    if (current?.connection.isOpen()) return current.transport;
    opening ??= open().finally(() => {
      opening = undefined;
    });
    const before = current;
    const next = await opening;
    if (before && before !== next && before === current) void before.connection.close();
    current = next;
    return next.transport;
  };

  return {
    async unary(method, signal, timeoutMs, ...rest) {
      const transport = await inTime(connected(), signal, timeoutMs, options.clock);
      return transport.unary(method, signal, timeoutMs, ...rest);
    },
    async stream(method, signal, timeoutMs, ...rest) {
      const transport = await inTime(connected(), signal, timeoutMs, options.clock);
      return transport.stream(method, signal, timeoutMs, ...rest);
    },
    stats: () => ({
      wanted,
      ...(current ? { used: current.connection.version } : {}),
      downgrades: [...downgrades],
      requests: { ...requests },
    }),
    async close() {
      // A connection that is only being made is closed as soon as it is there.
      closed = true;
      await current?.connection.close();
    },
  };
}

/** The connection, unless the caller gives up before it is there; others may still wait for it. */
async function inTime<T>(
  connection: Promise<T>,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  clock: Clock,
): Promise<T> {
  const leaving = Promise.withResolvers<never>();
  const leave = (): void => leaving.reject(new ConnectError('the caller gave up', Code.Canceled));
  signal?.addEventListener('abort', leave, { once: true });
  if (signal?.aborted) leave();
  const cancel = timeoutMs
    ? clock.schedule(timeoutMs, () =>
        leaving.reject(new ConnectError(`no connection within ${timeoutMs} ms`, Code.DeadlineExceeded)),
      )
    : undefined;
  try {
    return await Promise.race([connection, leaving.promise]);
  } finally {
    cancel?.();
    signal?.removeEventListener('abort', leave);
  }
}

/** A stream that the other side did not begin with, for want of room: nothing of it was done (RFC 9113, section 8.7). */
function isRefusedStream(error: unknown): boolean {
  return error instanceof ConnectError && error.rawMessage.includes('REFUSED_STREAM');
}

/** Whether an answer over TCP names HTTP/3 as an alternative (RFC 7838). */
function offersH3(header: Headers): boolean {
  return /(^|,)\s*h3\s*=/.test(header.get('alt-svc') ?? '');
}

/** The body of an answer; when the connection is lost on the way, that is what its reader is told. */
async function* orLost(
  body: AsyncIterable<Uint8Array>,
  connection: HttpConnection,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* body;
  } catch (error) {
    throw signal?.aborted || connection.isOpen() ? error : lost(error);
  }
}

/** The same failure, as one of the connection: whatever was asked was not answered. */
function lost(error: unknown): ConnectError {
  const { rawMessage } = ConnectError.from(error);
  return new ConnectError(rawMessage, Code.Unavailable, undefined, undefined, error);
}

function alreadyClosed(): ConnectError {
  return new ConnectError('the client is closed', Code.Canceled);
}
