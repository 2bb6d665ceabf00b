import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { type ContextValues, createContextValues } from '@connectrpc/connect';
import type { UniversalHandlerFn } from '@connectrpc/connect/protocol';
import { universalRequestFromNodeRequest } from '@connectrpc/connect-node';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Problem } from '../domain/problem.ts';
import { clientCertificateKey, httpVersionKey, remoteAddressKey } from './call-context.ts';
import { clientCertificateOf } from './client-certificate.ts';
import type { Connection, Connections } from './connections.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { nodeSink } from './node-sink.ts';
import { problemResponse } from './problem-response.ts';
import { type SendOutcome, sendResponse } from './send-response.ts';
import type { TlsIdentity } from './tls-identity.ts';

export interface TcpListenerOptions {
  readonly identity: TlsIdentity;
  readonly minVersion: '1.3' | '1.2';
  /** PEM of the authorities that sign clients' certificates. */
  readonly clientCa: string | undefined;
  readonly handler: UniversalHandlerFn;
  /** Value of `alt-svc`; undefined while there is no HTTP/3. */
  readonly altSvc: () => string | undefined;
  readonly connections: Connections;
  readonly limits: ListenerLimits;
  readonly log: Log;
  readonly clock: Clock;
}

/** HTTP/2 and HTTP/1.1 over TLS. */
export interface TcpListener {
  readonly server: Http2SecureServer;
  /** New connections get this certificate; those that are open keep theirs. */
  useIdentity(identity: TlsIdentity): void;
  /** Refuses new connections and calls (GOAWAY); resolves when the last connection is gone. */
  drain(): Promise<void>;
  /** Ends what is left. */
  cut(): void;
}

/**
 * As good as no bound: the runtime counts the reset that Connect's client sends after each call, when its stream has just ended, as
 * invalid, though RFC 9113 (5.1) lets it be, and cuts a well-behaved connection after 1,000 calls. Rapid resets have their own limit.
 */
const maxSessionInvalidFrames = 2 ** 31 - 1;

interface OpenSocket {
  readonly socket: TLSSocket;
  readonly connection: Connection;
}

type NodeRequest = Http2ServerRequest | IncomingMessage;
type NodeResponse = Http2ServerResponse | ServerResponse;

export function createTcpListener(options: TcpListenerOptions): TcpListener {
  const { limits, log } = options;
  /** By address and port of the other side: the sockets that sessions show are proxies. */
  const open = new Map<string, OpenSocket>();
  const sessions = new Set<ServerHttp2Session>();
  let isDraining = false;
  const secureContext = (identity: TlsIdentity) => ({
    cert: identity.certificate,
    key: identity.key,
    minVersion: `TLSv${options.minVersion}` as const,
    ...(options.clientCa === undefined ? {} : { ca: options.clientCa }),
  });
  const server = createSecureServer({
    ...secureContext(options.identity),
    allowHTTP1: true,
    requestCert: options.clientCa !== undefined,
    // Who shows none, or one that is not signed by ours, can still have a token.
    rejectUnauthorized: false,
    maxSessionInvalidFrames,
    settings: {
      maxConcurrentStreams: limits.maxStreamsPerConnection,
      maxHeaderListSize: limits.maxHeaderBytes,
      enablePush: false,
    },
  });
  server.on('connection', (socket: TLSSocket) => {
    const address = socket.remoteAddress ?? '';
    const connection = options.connections.admit(address, (reason) => {
      log.debug('a connection was cut', { reason, address });
      socket.destroy();
    });
    if (!connection) {
      log.warn('a connection was refused: there are too many', { address });
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    open.set(peer, { socket, connection });
    socket.once('close', () => {
      open.delete(peer);
      connection.closed();
    });
    // A peer that breaks its connection is no news; its calls are aborted through their signals.
    socket.on('error', (error: Error) => log.debug('a connection failed', { error: error.message }));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', (error: Error) => log.debug('a connection failed', { error: error.message }));
  });
  server.on('tlsClientError', (error: Error) => log.debug('a handshake failed', { error: error.message }));
  server.on('sessionError', (error: Error) => log.debug('a connection failed', { error: error.message }));
  server.on('request', (request, response) => {
    const socket = socketOf(request);
    const here = socket && open.get(peerOf(socket));
    serveCall(request, response, here, options)
      .catch((error) => log.error('a call could not be served', { error: String(error) }))
      .finally(() => {
        if (isDraining && here?.connection.calls === 0) here.socket.end();
      });
  });
  return {
    server,
    useIdentity: (identity) => server.setSecureContext(secureContext(identity)),
    async drain() {
      isDraining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A session's close lets its open streams end and refuses new ones (GOAWAY).
      for (const session of sessions) session.close();
      for (const { socket, connection } of open.values()) if (connection.calls === 0) socket.end();
      await closed;
    },
    cut() {
      for (const session of sessions) session.destroy(new Error('the service is stopping'));
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}

async function serveCall(
  request: NodeRequest,
  response: NodeResponse,
  open: OpenSocket | undefined,
  options: TcpListenerOptions,
): Promise<void> {
  request.on('error', () => {});
  response.on('error', () => {});
  const sink = nodeSink(response, options.altSvc());
  if (!open?.connection.opened()) {
    sink.cut();
    return;
  }
  let outcome: SendOutcome = 'cut';
  try {
    const problem = refusal(request, options.limits);
    const answer = problem
      ? problemResponse(problem)
      : await options.handler(universalRequest(request, response, contextOf(request, open.socket)));
    outcome = await sendResponse(answer, sink, {
      writeTimeoutMs: options.limits.writeTimeoutMs,
      clock: options.clock,
      log: options.log,
    });
  } finally {
    open.connection.ended(outcome === 'gone');
  }
}

/** Why a request is not a valid HTTP message for us. */
function refusal(request: NodeRequest, limits: ListenerLimits): Problem | undefined {
  const { rawHeaders } = request;
  const headers = rawHeaders.length / 2;
  const headerBytes = rawHeaders.reduce((sum, each) => sum + each.length, headers * 32);
  if (headers > limits.maxHeaders || headerBytes > limits.maxHeaderBytes) {
    return {
      code: 'REQUEST_HEADERS_TOO_LARGE',
      message: `the request has ${headers} headers of ${headerBytes} bytes`,
      limit: `${limits.maxHeaders} headers of ${limits.maxHeaderBytes} bytes`,
    };
  }
  const path = request.url ?? '';
  if (path.length > limits.maxUrlBytes)
    return {
      code: 'REQUEST_URL_TOO_LONG',
      message: `the URL has ${path.length} bytes`,
      limit: limits.maxUrlBytes,
    };
  const authority = 'authority' in request ? request.authority : request.headers.host;
  if (!isPath(path) || authority === undefined || !URL.canParse(`https://${authority}${path}`))
    return { code: 'REQUEST_MALFORMED', message: 'the request names no path of this host' };
  return undefined;
}

/** An absolute path; two slashes at its beginning would be read as a host. */
function isPath(path: string): boolean {
  return path.startsWith('/') && !path.startsWith('//');
}

function universalRequest(request: NodeRequest, response: NodeResponse, context: ContextValues) {
  return 'stream' in request
    ? universalRequestFromNodeRequest(request, undefined, context)
    : universalRequestFromNodeRequest(request, response as ServerResponse, undefined, context);
}

function contextOf(request: NodeRequest, socket: TLSSocket): ContextValues {
  return createContextValues()
    .set(httpVersionKey, request.httpVersionMajor === 2 ? 'h2' : 'h1')
    .set(remoteAddressKey, peerOf(socket))
    .set(clientCertificateKey, clientCertificateOf(socket));
}

function peerOf(socket: TLSSocket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

/** The connection's socket; undefined once it is gone. */
function socketOf(request: NodeRequest): TLSSocket | undefined {
  const socket = 'stream' in request ? request.stream.session?.socket : request.socket;
  return socket as TLSSocket | undefined;
}
