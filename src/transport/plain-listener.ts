import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type ConnectRouter, createContextValues } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { loopbackHosts } from '../base/loopback.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { httpVersionKey } from './call-context.ts';

export interface PlainListenOptions {
  /** A loopback address or name. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Whether development credentials are in force; without them nothing is served in clear text. */
  readonly dev: boolean;
  readonly routes: (router: ConnectRouter) => void;
  readonly log: Log;
  /** What the drain is timed by; the machine's own unless said otherwise, since sockets live in real time. */
  readonly clock?: Clock;
}

export interface PlainListener {
  /** `http://127.0.0.1:7443`. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes no new calls, aborts the signals of calls with a `ProblemError` SERVICE_STOPPING so that streams end, lets unary calls end for up to
   * `drainMs`, then cuts what is left.
   */
  close(): Promise<void>;
}

/** Bytes of one request message; policies and lists of moves stay far below. */
const maxRequestBytes = 16 * 1_048_576;
/** Bytes of one response message; a snapshot that is sent whole stays below. */
const maxResponseBytes = 128 * 1_048_576;
/** Streams at the same time in one connection; more wait in the client. */
const maxConcurrentStreams = 256;
/** How long unary calls in flight may still take when the service stops. */
const drainMs = 5_000;

/**
 * Serves gRPC, gRPC-Web and Connect over HTTP/2 without TLS (h2c, prior knowledge): for the simulated fleet on this machine
 * and for tests. The service itself listens with `listener.ts`. Problems: LISTEN_INSECURE for an
 * address other than loopback or without `dev`, LISTEN_FAILED when the address cannot be had.
 */
export async function listenPlainly(options: PlainListenOptions): Promise<Result<PlainListener, Problem>> {
  const refusal = insecure(options);
  if (refusal) return err(refusal);
  const stopping = new AbortController();
  const sessions = new Set<ServerHttp2Session>();
  const handler = connectNodeAdapter({
    routes: options.routes,
    readMaxBytes: maxRequestBytes,
    writeMaxBytes: maxResponseBytes,
    shutdownSignal: stopping.signal,
    contextValues: () => createContextValues().set(httpVersionKey, 'h2'),
  });
  const server = createServer({ settings: { maxConcurrentStreams } }, handler);
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    // A peer that breaks its connection is no news; its calls are aborted through their signals.
    session.on('error', (error) => options.log.debug('a connection failed', { error: error.message }));
  });
  const failure = await bind(server, options);
  if (failure) return err(failure);
  server.on('error', (error) => options.log.error('the listener failed', { error: error.message }));
  const port = (server.address() as AddressInfo).port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  let closing: Promise<void> | undefined;
  return ok({
    url: `http://${host}:${port}`,
    port,
    close() {
      closing ??= drain(server, sessions, stopping, options.clock ?? systemClock);
      return closing;
    },
  });
}

function insecure({ host, dev }: PlainListenOptions): Problem | undefined {
  if (dev && loopbackHosts.has(host)) return undefined;
  return {
    code: 'LISTEN_INSECURE',
    message: dev
      ? `${host} is not a loopback address, and there is neither TLS nor a real credential`
      : `serving on ${host} without TLS and credentials needs --dev`,
    field: 'host',
    value: host,
    limit: [...loopbackHosts].join(', '),
  };
}

function bind(server: Http2Server, { host, port }: PlainListenOptions): Promise<Problem | undefined> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      resolve({
        code: 'LISTEN_FAILED',
        message: `${host}:${port} cannot be listened on: ${error.message}`,
        field: 'port',
        value: port,
        subject: `${host}:${port}`,
      });
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve(undefined);
    });
  });
}

async function drain(
  server: Http2Server,
  sessions: ReadonlySet<ServerHttp2Session>,
  stopping: AbortController,
  clock: Clock,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  stopping.abort(new ProblemError({ code: 'SERVICE_STOPPING', message: 'the service is shutting down' }));
  // A session's close lets its open streams end and refuses new ones (GOAWAY).
  for (const session of sessions) session.close();
  const waited = new AbortController();
  await Promise.race([closed, clock.sleep(drainMs, waited.signal)]);
  waited.abort();
  for (const session of sessions) session.destroy();
}
