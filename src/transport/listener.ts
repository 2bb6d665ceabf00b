import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { UniversalHandlerFn } from '@connectrpc/connect/protocol';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { createConnections } from './connections.ts';
import { type Http3Addon, loadHttp3Addon } from './http3-addon.ts';
import { type Http3EndpointOptions, openHttp3Endpoint } from './http3-endpoint.ts';
import { type Http3Listener, openHttp3Listener } from './http3-listener.ts';
import { limitCalls } from './limit-calls.ts';
import { defaultListenerLimits, type ListenerLimits } from './listener-limits.ts';
import { createTcpListener, type TcpListener } from './tcp-listener.ts';
import type { TlsIdentity } from './tls-identity.ts';
import type { TlsSource } from './tls-source.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0: one that is free for TCP and UDP. */
  readonly port: number;
  readonly tls: TlsSource;
  /** The least version of TLS over TCP; QUIC has 1.3. Default: 1.3. */
  readonly minTlsVersion?: '1.3' | '1.2';
  /** Whether HTTP/3 is wanted; without the addon for this platform there is none all the same. */
  readonly http3: boolean;
  /**
   * The whole API as a function of requests.
   *
   * @param shutdown aborts with a `ProblemError` SERVICE_STOPPING when streams shall end
   */
  readonly createHandler: (shutdown: AbortSignal) => UniversalHandlerFn;
  readonly limits?: Partial<ListenerLimits>;
  /** PEM of the authorities that sign clients' certificates; over TCP only. */
  readonly clientCa?: string;
  readonly log: Log;
  /** How long calls in flight may still take when the service stops, in milliseconds. Default: 5 s. */
  readonly drainMs?: number;
  /** What limits and the drain are timed by; the machine's own unless said otherwise, since sockets live in real time. */
  readonly clock?: Clock;
}

export interface Listener {
  /** `https://127.0.0.1:7443`. */
  readonly url: string;
  readonly port: number;
  /** Whether the port answers over QUIC, too. */
  readonly http3: boolean;
  /**
   * Takes no new calls, aborts the shutdown signal with a `ProblemError` SERVICE_STOPPING so that streams end, lets unary calls
   * end for up to `drainMs`, then cuts what is left.
   */
  close(): Promise<void>;
}

const defaultDrainMs = 5_000;
/** A port that is free for TCP is almost always free for UDP, too. */
const portAttempts = 10;
/** How long clients remember that there is HTTP/3, in seconds: a day. */
const altSvcSeconds = 86_400;

/**
 * Serves a handler over HTTP/2 and HTTP/1.1 (TCP) and HTTP/3 (QUIC) on one port, always with TLS. Problems: LISTEN_FAILED when
 * the address cannot be had.
 */
export async function listen(options: ListenOptions): Promise<Result<Listener, Problem>> {
  const clock = options.clock ?? systemClock;
  const limits = { ...defaultListenerLimits, ...options.limits };
  const { log, tls } = options;
  const address = await addressOf(options);
  if (!address.ok) return address;
  const stopping = new AbortController();
  const shared = {
    connections: createConnections(limits, clock),
    handler: limitCalls(options.createHandler(stopping.signal), { limits, clock, log }),
    limits,
    log,
    clock,
  };
  const addon = options.http3 ? findAddon(log) : undefined;
  if (!options.http3) log.info('HTTP/3 is off');
  const opened = await openBoth({ ...options, ...shared, host: address.value }, addon);
  if (!opened.ok) return opened;
  const { tcp, http3, port } = opened.value;
  tcp.server.on('error', (error) => log.error('the listener failed', { error: error.message }));
  const unsubscribe = tls.subscribe((identity) => {
    tcp.useIdentity(identity);
    http3?.useIdentity(identity);
  });
  let closing: Promise<void> | undefined;
  return ok({
    url: `https://${urlHost(options.host)}:${port}`,
    port,
    http3: http3 !== undefined,
    close() {
      unsubscribe();
      closing ??= drain(tcp, http3, stopping, options.drainMs ?? defaultDrainMs, clock);
      return closing;
    },
  });
}

interface Open {
  readonly tcp: TcpListener;
  readonly http3: Http3Listener | undefined;
  readonly port: number;
}

type OpenOptions = ListenOptions & Omit<Http3EndpointOptions, 'addon' | 'identity'>;

/** Opens TCP and then UDP on the port that it got; tries another one where that is not free and any will do. */
async function openBoth(options: OpenOptions, addon: Http3Addon | undefined): Promise<Result<Open, Problem>> {
  const { host } = options;
  for (let attempt = 1; ; attempt += 1) {
    let http3: Http3Listener | undefined;
    const tcp = createTcpListener({
      ...options,
      identity: options.tls.current,
      minVersion: options.minTlsVersion ?? '1.3',
      clientCa: options.clientCa,
      altSvc: () => (http3?.isOpen ? `h3=":${port}"; ma=${altSvcSeconds}` : undefined),
    });
    const failure = await bind(tcp.server, host, options.port);
    if (failure) return err(failure);
    const port = (tcp.server.address() as AddressInfo).port;
    if (!addon) return ok({ tcp, http3, port });
    const udp = await openUdp({ ...options, port }, addon);
    if (udp.ok) {
      http3 = udp.value;
      return ok({ tcp, http3, port });
    }
    await tcp.drain();
    if (options.port !== 0 || attempt >= portAttempts) return udp;
  }
}

function findAddon(log: Log): Http3Addon | undefined {
  try {
    return loadHttp3Addon();
  } catch (error) {
    log.warn('there is no HTTP/3: its addon cannot be loaded', {
      error: error instanceof Error ? error.message : String(error),
    });
    return undefined;
  }
}

/** The one address that both protocols are bound to; a name may have several. */
async function addressOf({ host, port }: ListenOptions): Promise<Result<string, Problem>> {
  try {
    return ok((await lookup(host)).address);
  } catch (error) {
    return err(cannotListen(host, port, 'TCP', error));
  }
}

function bind(server: Http2SecureServer, host: string, port: number): Promise<Problem | undefined> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve(cannotListen(host, port, 'TCP', error));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve(undefined);
    });
  });
}

/** The addon shares ports (SO_REUSEPORT), so that it would not notice another process: a plain socket tries before it. */
async function openUdp(options: OpenOptions, addon: Http3Addon): Promise<Result<Http3Listener, Problem>> {
  const { host, port, tls, log, clock } = options;
  const failure = await new Promise<Error | undefined>((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      resolve(error);
    });
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
  if (failure) return err(cannotListen(host, port, 'UDP', failure));
  try {
    const open = (identity: TlsIdentity) => openHttp3Endpoint({ ...options, addon, identity });
    return ok(openHttp3Listener({ identity: tls.current, open, log, clock }));
  } catch (error) {
    return err(cannotListen(host, port, 'UDP', error));
  }
}

function cannotListen(host: string, port: number, protocol: string, error: unknown): Problem {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: 'LISTEN_FAILED',
    message: `${host}:${port} cannot be listened on (${protocol}): ${reason}`,
    field: 'port',
    value: port,
    subject: `${host}:${port}`,
  };
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

async function drain(
  tcp: TcpListener,
  http3: Http3Listener | undefined,
  stopping: AbortController,
  drainMs: number,
  clock: Clock,
): Promise<void> {
  const drained = Promise.all([tcp.drain(), http3?.drain()]);
  stopping.abort(new ProblemError({ code: 'SERVICE_STOPPING', message: 'the service is shutting down' }));
  const waited = new AbortController();
  await Promise.race([drained, clock.sleep(drainMs, waited.signal)]);
  waited.abort();
  tcp.cut();
  await http3?.close();
}
