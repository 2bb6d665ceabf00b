import { createSocket } from 'node:dgram';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type ConnectRouter, createConnectRouter } from '@connectrpc/connect';
import type { UniversalHandlerFn, UniversalServerRequest } from '@connectrpc/connect/protocol';
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from '@connectrpc/connect-node';
import {
  createSecureServer as createHttp3Server,
  type Http3ServerSession,
  type ServerHttp3Stream,
} from '@currentspace/http3';
import { serverCertificate, type TestCertificate } from './certificates.testing.ts';
import { createUdpRelay, type UdpRelay } from './udp-relay.testing.ts';

/** A service on one port for the tests of the client: as small as it can be, and with every way to be broken. */
export interface TestService extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Requests as they came, the newest last. */
  readonly requests: readonly ReceivedRequest[];
  /** Ends HTTP/3: its connections are closed, and from now on no packet goes anywhere. */
  cutQuic(): Promise<void>;
  /** Breaks every connection over TCP. */
  cutTcp(): void;
}

export interface ReceivedRequest {
  readonly version: 'h3' | 'h2' | 'h1';
  readonly path: string;
  readonly header: Headers;
}

export interface TestServiceOptions {
  readonly routes: (router: ConnectRouter) => void;
  readonly certificate?: TestCertificate;
  /** What happens to UDP: `h3` answers, `swallow` never does, `closed` nobody is there. */
  readonly udp?: 'h3' | 'swallow' | 'closed';
  readonly tcp?: 'h2' | 'h1' | 'none';
  readonly altSvc?: boolean;
  readonly port?: number;
  /** Seen before the service answers; what it returns is the answer. */
  readonly before?: (request: ReceivedRequest) => Response | undefined;
}

/** A port that is free for TCP may be taken for UDP, and the other way round; another one is tried. */
const portAttempts = 5;

export async function createTestService(options: TestServiceOptions): Promise<TestService> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await beginService(options);
    } catch (error) {
      if (attempt >= portAttempts || !String(error).includes('EADDRINUSE')) throw error;
    }
  }
}

async function beginService(options: TestServiceOptions): Promise<TestService> {
  await using opening = new AsyncDisposableStack();
  const { udp = 'h3', tcp = 'h2', certificate = serverCertificate } = options;
  const requests: ReceivedRequest[] = [];
  const router = createConnectRouter();
  options.routes(router);
  const handlers = new Map(router.handlers.map((each) => [each.requestPath, each]));
  const handler: UniversalHandlerFn = async (request) => {
    const { pathname } = new URL(request.url);
    const received: ReceivedRequest = {
      version: request.httpVersion.startsWith('3') ? 'h3' : request.httpVersion.startsWith('2') ? 'h2' : 'h1',
      path: pathname,
      header: request.header,
    };
    requests.push(received);
    const instead = options.before?.(received);
    if (instead) return { status: instead.status, header: instead.headers };
    return handlers.get(pathname)?.(request) ?? { status: 404 };
  };
  const pair = { cert: certificate.certificate, key: certificate.key };
  const server = tcp === 'h1' ? createHttpsServer(pair) : createSecureServer({ ...pair, allowHTTP1: true });
  const sockets = new Set<Socket | ServerHttp2Session>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    if (options.altSvc !== false && udp === 'h3') response.setHeader('alt-svc', `h3=":${port}"; ma=60`);
    const wanted = universalRequestFromNodeRequest(request, response, undefined, undefined);
    await universalResponseToNodeResponse(await handler(wanted), response).catch(() => {});
  });
  const port = tcp === 'none' ? await freePort() : await listen(server, options.port ?? 0);
  opening.defer(() => closeServer(server, sockets));
  let relay: UdpRelay | undefined;
  let quic: (AsyncDisposable & { readonly port: number }) | undefined;
  if (udp !== 'closed') {
    if (udp === 'h3') quic = opening.use(await serveHttp3(certificate, handler));
    relay = opening.use(await createUdpRelay(port, quic?.port));
  }
  const open = opening.move();
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    requests,
    async cutQuic() {
      await quic?.[Symbol.asyncDispose]();
      relay?.block();
    },
    cutTcp() {
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function listen(server: Http2SecureServer | HttpsServer, port: number): Promise<number> {
  return new Promise((done) =>
    server.listen(port, '127.0.0.1', () => done((server.address() as AddressInfo).port)),
  );
}

function closeServer(
  server: Http2SecureServer | HttpsServer,
  sockets: ReadonlySet<{ destroy(): void }>,
): void {
  server.close();
  for (const socket of sockets) socket.destroy();
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => void socket.bind(0, '127.0.0.1', done));
  const { port } = socket.address();
  socket.close();
  return port;
}

/** On a port of its own, since the library takes the port's TCP, too. */
async function serveHttp3(
  certificate: TestCertificate,
  handler: UniversalHandlerFn,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createHttp3Server({
    cert: certificate.certificate,
    key: certificate.key,
    runtimeMode: 'portable',
  });
  server.on('stream', (stream, headers) => {
    answerHttp3(stream, headers, handler).catch(() => stream.close(0x102));
  });
  const sessions = new Set<Http3ServerSession>();
  server.on('session', (session: Http3ServerSession) => sessions.add(session));
  const listening = new Promise<void>((done, failed) => {
    server.once('listening', () => done());
    server.once('error', failed);
  });
  server.listen(0, '127.0.0.1');
  await listening;
  return {
    port: server.address()?.port ?? 0,
    async [Symbol.asyncDispose]() {
      // What never came to be a connection would keep us waiting.
      const connected = [...sessions].filter((session) => session.handshakeComplete);
      await Promise.all(connected.map((session) => session.close().catch(() => {})));
      await server.close();
    },
  };
}

async function answerHttp3(
  stream: ServerHttp3Stream,
  headers: Readonly<Record<string, string | readonly string[]>>,
  handler: UniversalHandlerFn,
): Promise<void> {
  // Otherwise the library throws away what has come before somebody reads.
  stream.pause();
  const gone = new AbortController();
  stream.on('error', () => {});
  stream.once('close', () => gone.abort());
  const header = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (!name.startsWith(':')) header.set(name, String(value));
  const request: UniversalServerRequest = {
    httpVersion: '3.0',
    url: `https://localhost${String(headers[':path'])}`,
    method: String(headers[':method']),
    header,
    // An iterator of the stream itself would destroy it at the end, answer and all.
    body: stream.iterator({ destroyOnReturn: false }),
    signal: gone.signal,
  };
  const response = await handler(request);
  stream.respond({ ':status': String(response.status), ...Object.fromEntries(response.header ?? []) });
  for await (const chunk of response.body ?? []) {
    if (stream.destroyed) return;
    await new Promise<void>((done) => stream.write(chunk, () => done()));
  }
  const trailer = Object.fromEntries(response.trailer ?? []);
  if (Object.keys(trailer).length > 0) stream.sendTrailers(trailer);
  stream.end();
}
