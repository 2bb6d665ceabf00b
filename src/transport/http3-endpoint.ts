import { createContextValues } from '@connectrpc/connect';
import type { UniversalHandlerFn } from '@connectrpc/connect/protocol';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { httpVersionKey, remoteAddressKey } from './call-context.ts';
import type { Connection, Connections } from './connections.ts';
import { type Http3Addon, type NativeEvent, type NativeServer, nativeEvents } from './http3-addon.ts';
import { parseRequestHead } from './http3-request-head.ts';
import { createHttp3Stream, type Http3Stream, h3Codes } from './http3-stream.ts';
import type { Http3Wire } from './http3-writer.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { problemResponse } from './problem-response.ts';
import { type SendOutcome, sendResponse } from './send-response.ts';
import type { TlsIdentity } from './tls-identity.ts';

export interface Http3EndpointOptions {
  readonly addon: Http3Addon;
  readonly host: string;
  readonly port: number;
  readonly identity: TlsIdentity;
  readonly handler: UniversalHandlerFn;
  readonly connections: Connections;
  readonly limits: ListenerLimits;
  readonly log: Log;
  readonly clock: Clock;
}

/** HTTP/3 over QUIC on one UDP port. */
export interface Http3Endpoint {
  /** Calls under way. */
  readonly calls: number;
  /** Takes no new connections and calls; resolves when the last call has ended. */
  drain(): Promise<void>;
  /** Closes all connections and gives the port back. */
  close(): Promise<void>;
}

/** A QUIC connection. */
interface Session {
  readonly address: string;
  readonly connection: Connection;
  readonly streams: Map<number, Http3Stream>;
  /** Waiting for all commands before theirs, by the stream number that their command names. */
  readonly confirmations: Map<number, () => void>;
  nextConfirmation: number;
}

/**
 * Bytes that one stream may have under way to us: a window of flow control, not a limit. That of a connection holds as many as it
 * may have streams, so that it never binds: clients of the same library run over it when it does, and lose the connection with
 * "flow control error" (30 uploads at once into 4 MiB: in three runs of ten). What piles up unread is bounded by the addon's counts.
 */
const streamWindowBytes = 1_048_576;
/** The addon counts connections from 0 in its first worker, from this in its second, and so on. */
const workerHandles = 2 ** 20;
/** A stream number that no client can come to: commands for it fail, in order, with an event. */
const confirmationStream = 2 ** 50;
/** Connections with calls are kept alive more often than the usual 30 s after which either side gives up. */
const keepAliveMs = 10_000;
/** How long the workers may take to say goodbye. */
const shutdownMs = 5_000;
/** What the last answers still have under way when their connections close is lost: one window takes a round trip or two. */
const flushMs = 250;
/** Between a connection's GOAWAY and its close the addon waits 25 ms. */
const goodbyeMs = 100;

/**
 * Serves HTTP/3. It drives the addon's endpoint itself and leaves the package's `Http3SecureServer` alone, because that one
 * also opens an HTTP/2 server, runs a timer per connection, lets headers and trailers that find no room get lost, takes
 * trailers that come late for a request, and raises errors on streams that nobody listens to.
 *
 * What the addon cannot do is told in docs/adr/0006-transport.md. Throws when the port cannot be had.
 */
export function openHttp3Endpoint(options: Http3EndpointOptions): Http3Endpoint {
  const { addon, limits, log, clock } = options;
  const sessions = new Map<number, Session>();
  /** Streams that we are about to reset, by their numbers within a worker. */
  const ownResets = new Set<string>();
  const stopped = Promise.withResolvers<void>();
  let calls = 0;
  let isDraining = false;
  let idle: (() => void) | undefined;

  const server: NativeServer = new addon.NativeWorkerServer(
    {
      key: Buffer.from(options.identity.key),
      cert: Buffer.from(options.identity.certificate),
      maxIdleTimeoutMs: limits.idleTimeoutMs,
      initialMaxData: limits.maxStreamsPerConnection * streamWindowBytes,
      initialMaxStreamDataBidiLocal: streamWindowBytes,
      initialMaxStreamsBidi: limits.maxStreamsPerConnection,
      maxConnections: limits.maxConnections,
    },
    (_error, events) => {
      // Data counts as looked at when a handler reads it, or is about to: when too much was not, the addon reads no more from
      // anybody, and flow control slows the clients down.
      let looked = 0;
      for (const event of events) {
        if (!event.data) looked += 1;
        try {
          dispatch(event);
        } catch (error) {
          log.error('an event of HTTP/3 could not be handled', { error: String(error) });
        }
      }
      if (looked > 0) server.ackEventBatch(looked);
    },
  );
  const taken = (): void => server.ackEventBatch(1);

  function dispatch(event: NativeEvent): void {
    const session = sessions.get(event.connHandle);
    const stream = session?.streams.get(event.streamId);
    switch (event.eventType) {
      case nativeEvents.newSession:
        openSession(event);
        break;
      case nativeEvents.headers:
        // Trailers of a request are not used.
        if (session && !stream) openStream(event, session);
        // The beginning of the body may come along.
        if (event.data) receive(event, event.data);
        break;
      case nativeEvents.data:
        if (event.data) receive(event, event.data);
        break;
      case nativeEvents.finished:
        stream?.onFinished();
        break;
      case nativeEvents.reset:
        if (!ownResets.has(streamKey(event.connHandle, event.streamId)))
          stream?.onGone('the client gave the call up');
        break;
      case nativeEvents.sessionClose:
        closeSession(event.connHandle);
        break;
      case nativeEvents.streamBlocked:
        stream?.writer.onBlocked();
        break;
      case nativeEvents.drain:
        stream?.writer.onDrain();
        break;
      case nativeEvents.writeReady:
        writable(event.connHandle);
        break;
      case nativeEvents.error:
        failed(event, session, stream);
        break;
      case nativeEvents.shutdownComplete:
        stopped.resolve();
        break;
    }
  }

  function receive(event: NativeEvent, data: Uint8Array): void {
    const stream = sessions.get(event.connHandle)?.streams.get(event.streamId);
    if (stream) stream.onData(data);
    else taken();
  }

  function openSession({ connHandle, meta }: NativeEvent): void {
    const host = meta?.remoteAddr ?? '';
    const connection = options.connections.admit(host, (reason) => {
      log.debug('a connection was cut', { reason, address: host });
      server.closeSession(connHandle, h3Codes.excessiveLoad, reason);
    });
    if (!connection || isDraining) {
      if (!isDraining) log.warn('a connection was refused: there are too many', { address: host });
      connection?.closed();
      server.closeSession(connHandle, h3Codes.excessiveLoad, 'too many connections');
      return;
    }
    sessions.set(connHandle, {
      address: `${host}:${meta?.remotePort ?? 0}`,
      connection,
      streams: new Map(),
      confirmations: new Map(),
      nextConfirmation: confirmationStream,
    });
  }

  function closeSession(handle: number): void {
    const session = sessions.get(handle);
    if (!session) return;
    sessions.delete(handle);
    session.connection.closed();
    for (const stream of session.streams.values()) stream.onGone('the connection ended');
    for (const confirm of session.confirmations.values()) confirm();
  }

  function openStream(event: NativeEvent, session: Session): void {
    const { connHandle, streamId, headers = [] } = event;
    if (!headers.some(({ name }) => name.startsWith(':'))) {
      // Trailers of a call that is over, or no request at all.
      server.streamClose(connHandle, streamId, h3Codes.messageError);
      return;
    }
    if (isDraining || !session.connection.opened()) {
      server.streamClose(connHandle, streamId, h3Codes.requestRejected);
      return;
    }
    const stream = createHttp3Stream(wireOf(connHandle, streamId, session), clock, taken);
    session.streams.set(streamId, stream);
    calls += 1;
    serveCall(event, session, stream).catch((error) =>
      log.error('a call could not be served', { error: String(error) }),
    );
  }

  async function serveCall(event: NativeEvent, session: Session, stream: Http3Stream): Promise<void> {
    let outcome: SendOutcome = 'cut';
    try {
      const head = parseRequestHead(event.headers ?? [], limits);
      // A GET has no body that means anything.
      if (head.ok && !hasBody(head.value.method)) stream.body.ignore();
      const contextValues = createContextValues()
        .set(httpVersionKey, 'h3')
        .set(remoteAddressKey, session.address);
      const response = head.ok
        ? await options.handler({
            httpVersion: '3',
            ...head.value,
            body: stream.body,
            signal: stream.signal,
            contextValues,
          })
        : problemResponse(head.error);
      outcome = await sendResponse(response, stream.sink, {
        writeTimeoutMs: limits.writeTimeoutMs,
        clock,
        log,
      });
    } finally {
      stream.close(() => session.streams.delete(event.streamId));
      session.connection.ended(outcome === 'gone');
      calls -= 1;
      if (calls === 0) idle?.();
    }
  }

  /** Commands for a connection that is gone are dropped here: the addon gives its number to another one. */
  function wireOf(connHandle: number, streamId: number, session: Session): Http3Wire {
    const isOpen = (): boolean => sessions.get(connHandle) === session;
    return {
      sendHead(headers, isWhole) {
        if (isOpen()) server.sendResponseHeaders(connHandle, streamId, headers, isWhole);
      },
      send(data, isLast) {
        const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
        return !isOpen() || server.streamSend(connHandle, streamId, bytes, isLast).status === 0;
      },
      sendTrailers(headers) {
        if (isOpen()) server.sendTrailers(connHandle, streamId, headers);
      },
      reset(code) {
        if (isOpen()) resetStream(connHandle, streamId, code);
      },
      pendingBytes: () => addon.runtimeTelemetry().outboundPendingWriteBytes,
      confirm: () => confirm(connHandle, session),
    };
  }

  function confirm(connHandle: number, session: Session): Promise<void> {
    return new Promise((resolve) => {
      if (sessions.get(connHandle) !== session) return resolve();
      const id = session.nextConfirmation;
      session.nextConfirmation += 4;
      session.confirmations.set(id, resolve);
      server.sendResponseHeaders(connHandle, id, [], false);
    });
  }

  /**
   * The addon may answer a reset of ours with a reset event, and names its connection by the number that it has within its
   * worker: which another worker's connection has, too. So such an event is not believed until the command is carried out.
   */
  function resetStream(connHandle: number, streamId: number, code: number): void {
    const session = sessions.get(connHandle);
    server.streamClose(connHandle, streamId, code);
    const key = streamKey(connHandle % workerHandles, streamId);
    if (!session || ownResets.has(key)) return;
    ownResets.add(key);
    confirm(connHandle, session)
      .then(() => ownResets.delete(key))
      .catch((error) => log.error('a reset was not carried out', { error: String(error) }));
  }

  /** The addon tells nobody when a client stops reading; it shows when something is written to it. */
  function failed(event: NativeEvent, session: Session | undefined, stream: Http3Stream | undefined): void {
    const confirm = session?.confirmations.get(event.streamId);
    if (session && confirm) {
      session.confirmations.delete(event.streamId);
      confirm();
    } else if (stream) stream.onGone('the client reads no more');
    else if (event.streamId < 0) log.debug('a connection failed', { error: event.meta?.errorReason ?? '' });
  }

  /** @param handle 0: room for every connection */
  function writable(handle: number): void {
    for (const [each, session] of sessions)
      if (handle === 0 || each === handle)
        for (const { writer } of session.streams.values()) writer.onQueueReady();
  }

  function keepAlive(): void {
    for (const [handle, session] of sessions) if (session.connection.calls > 0) server.pingSession(handle);
    stopKeepAlive = clock.schedule(keepAliveMs, keepAlive);
  }
  server.listen(options.port, options.host);
  let stopKeepAlive = clock.schedule(keepAliveMs, keepAlive);

  return {
    get calls() {
      return calls;
    },
    async drain() {
      isDraining = true;
      const ended = new Promise<void>((resolve) => {
        idle = resolve;
      });
      if (calls > 0) await ended;
    },
    async close() {
      isDraining = true;
      stopKeepAlive();
      if (sessions.size > 0) await clock.sleep(flushMs);
      for (const handle of sessions.keys())
        server.closeSession(handle, h3Codes.noError, 'the service is stopping');
      if (sessions.size > 0) await clock.sleep(goodbyeMs);
      for (const handle of [...sessions.keys()]) closeSession(handle);
      server.requestShutdown();
      const waited = new AbortController();
      await Promise.race([stopped.promise, clock.sleep(shutdownMs, waited.signal)]);
      waited.abort();
      server.joinWorker();
    },
  };
}

function streamKey(connHandle: number, streamId: number): string {
  return `${connHandle}:${streamId}`;
}

function hasBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}
