import { createSocket } from 'node:dgram';
import { create } from '@bufbuild/protobuf';
import { createConnectRouter, type Transport } from '@connectrpc/connect';
import type {
  UniversalClientFn,
  UniversalClientRequest,
  UniversalClientResponse,
  UniversalHandlerFn,
  UniversalServerRequest,
  UniversalServerResponse,
} from '@connectrpc/connect/protocol';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  createNodeHttpClient,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { type LogFields, silentLog } from '../base/log.ts';
import { createUdpRelay, type UdpRelay } from '../client/transports/udp-relay.testing.ts';
import {
  ListPlansResponseSchema,
  RebalancePlanService,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { httpVersionKey } from './call-context.ts';
import { createTestAuthority, identityOf, type TestAuthority } from './certificates.testing.ts';
import { connectH3, type TestH3Client } from './h3-client.testing.ts';
import { type Listener, type ListenOptions, listen } from './listener.ts';
import { fixedTlsSource } from './tls-source.ts';

export const versions = ['h1', 'h2', 'h3'] as const;
export type Version = (typeof versions)[number];

/** A listener with a small service behind it, and clients of every version. */
export interface ListenerBench {
  readonly authority: TestAuthority;
  readonly service: TestService;
  /** Warnings and errors. */
  readonly logged: readonly LogLine[];
  /** What was logged for information. */
  readonly noted: readonly LogLine[];
  readonly port: number;
  start(options?: Partial<ListenOptions>): Promise<Listener>;
  /** A plain HTTP client on a connection of its own. */
  client(version: Version): Promise<UniversalClientFn>;
  /** Transports of the protocols that go over a version. */
  transports(version: Version): Promise<readonly Transport[]>;
  h3(windowBytes?: number, port?: number): Promise<TestH3Client>;
  /** A way to the listener's UDP port that can be blocked. */
  relayUdp(): Promise<UdpRelay & { readonly port: number }>;
  /** To the listener: GET, or POST where there is a body. */
  request(path: string, options?: Partial<UniversalClientRequest>): UniversalClientRequest;
  /** Called before the listener closes. */
  defer(action: () => unknown): void;
  close(): Promise<void>;
}

interface LogLine {
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export async function createListenerBench(): Promise<ListenerBench> {
  const authority = await createTestAuthority();
  const identity = identityOf(await authority.issue('localhost'));
  const opened: Array<() => unknown> = [];
  const service = createTestService();
  const logged: LogLine[] = [];
  const noted: LogLine[] = [];
  const noteTo =
    (lines: LogLine[]) =>
    (message: string, fields?: LogFields): void =>
      void lines.push({ message, fields });
  let listener: Listener | undefined;
  const running = (): Listener => {
    if (!listener) throw new Error('no listener was started');
    return listener;
  };
  const bench: ListenerBench = {
    authority,
    service,
    logged,
    noted,
    get port() {
      return running().port;
    },
    async start(options = {}) {
      const listening = await listen({
        host: '127.0.0.1',
        port: 0,
        tls: fixedTlsSource(identity),
        http3: true,
        createHandler: service.createHandler,
        log: { ...silentLog, info: noteTo(noted), warn: noteTo(logged), error: noteTo(logged) },
        ...options,
      });
      if (!listening.ok) throw new Error(listening.error.message);
      listener = listening.value;
      opened.push(() => listening.value.close());
      return listening.value;
    },
    async client(version) {
      if (version === 'h3') return (await bench.h3()).fetch;
      const nodeOptions = { ca: authority.certificate };
      if (version === 'h1') return createNodeHttpClient({ httpVersion: '1.1', nodeOptions });
      const sessions = new Http2SessionManager(`https://localhost:${running().port}`, {}, nodeOptions);
      opened.push(() => sessions.abort());
      return createNodeHttpClient({ httpVersion: '2', sessionProvider: () => sessions });
    },
    async transports(version) {
      const { port } = running();
      const options = {
        baseUrl: `https://localhost:${port}`,
        nodeOptions: { ca: authority.certificate },
      };
      if (version === 'h3') {
        const client = await bench.h3();
        return [client.grpc(), client.connect(), client.connect(false)];
      }
      const of = { ...options, httpVersion: version === 'h1' ? ('1.1' as const) : ('2' as const) };
      return [
        createConnectTransport(of),
        createConnectTransport({ ...of, useBinaryFormat: true }),
        createGrpcWebTransport(of),
        ...(version === 'h2' ? [createGrpcTransport(options)] : []),
      ];
    },
    async relayUdp() {
      const port = await freeUdpPort();
      const relay = await createUdpRelay(port, running().port);
      opened.push(() => relay[Symbol.dispose]());
      return Object.assign(relay, { port });
    },
    async h3(windowBytes, port = running().port) {
      const client = await connectH3(port, authority.certificate, windowBytes);
      opened.push(() => client.close());
      return client;
    },
    request: (path, options = {}) => ({
      url: `https://localhost:${running().port}${path}`,
      method: options.body ? 'POST' : 'GET',
      header: new Headers(),
      ...options,
    }),
    defer: (action) => void opened.push(action),
    async close() {
      for (const close of opened.splice(0).reverse()) await close();
      listener = undefined;
      service.reset();
      logged.length = 0;
      noted.length = 0;
    },
  };
  return bench;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

/** What the handlers of a test saw. */
export interface TestService {
  readonly createHandler: (shutdown: AbortSignal) => UniversalHandlerFn;
  /** Paths of the calls whose signal aborted. */
  readonly aborted: string[];
  /** Paths of the calls that began. */
  readonly begun: string[];
  /** Bytes that `/pour` gave away. */
  poured: number;
  /** The last request. */
  last: UniversalServerRequest | undefined;
  reset(): void;
}

/**
 * A Connect service, and plain paths: `/echo` sends a body back as it comes, with trailers; `/count` tells how long it is; `/pour`
 * never ends and never pauses; `/hang` sends one chunk and then waits for its signal; `/silent` answers when its signal aborts;
 * `/throw`, `/throw-first` and `/throw-late` fail before, at the beginning of and in the middle of a body; `/size/N` has N bytes and
 * trailers.
 */
function createTestService(): TestService {
  const service: TestService = {
    aborted: [],
    begun: [],
    poured: 0,
    last: undefined,
    createHandler(shutdown) {
      const rpcs = connectHandlers(shutdown);
      return async (request) => {
        const { pathname } = new URL(request.url);
        service.last = request;
        service.begun.push(pathname);
        request.signal.addEventListener('abort', () => service.aborted.push(pathname), { once: true });
        const rpc = rpcs.get(pathname);
        if (rpc) return await rpc(request);
        return await answer(pathname, request, AbortSignal.any([request.signal, shutdown]), service);
      };
    },
    reset() {
      service.aborted.length = 0;
      service.begun.length = 0;
      service.poured = 0;
      service.last = undefined;
    },
  };
  return service;
}

function connectHandlers(shutdownSignal: AbortSignal): ReadonlyMap<string, UniversalHandlerFn> {
  const router = createConnectRouter({ shutdownSignal });
  router.service(RebalancePlanService, {
    listPlans(request, context) {
      context.responseTrailer.set('trailing', 'yes');
      const version = context.values.get(httpVersionKey);
      return create(ListPlansResponseSchema, { nextCursor: `${version}: after ${request.cursor}` });
    },
  });
  return new Map(router.handlers.map((each) => [each.requestPath, each]));
}

async function answer(
  path: string,
  request: UniversalServerRequest,
  signal: AbortSignal,
  service: TestService,
): Promise<UniversalServerResponse> {
  const [, name = '', argument = ''] = path.split('/');
  const header = new Headers({ 'content-type': 'text/plain' });
  const ok = (body: AsyncIterable<Uint8Array>): UniversalServerResponse => ({ status: 200, header, body });
  const received = request.body as AsyncIterable<Uint8Array>;
  switch (name) {
    case 'echo':
      return { ...ok(received), trailer: new Headers({ trailing: 'yes' }) };
    case 'count':
      return ok(text(async () => String((await readAll(received)).length)));
    case 'size':
      return { ...ok(bytes(Number(argument))), trailer: new Headers({ trailing: 'x'.repeat(100) }) };
    case 'pour':
      return ok(pour(service));
    case 'hang':
      return ok(hang(signal));
    case 'silent':
      await aborted(signal);
      return ok(text(async () => 'aborted'));
    case 'throw':
      throw new Error('a bug');
    case 'throw-first':
      return ok(text(() => Promise.reject(new Error('a bug'))));
    case 'throw-late':
      return ok(throwLate());
    case 'cookies':
      header.append('set-cookie', 'a=1');
      header.append('set-cookie', 'b=2');
      return ok(text(async () => request.header.get('cookie') ?? ''));
    default:
      return { status: 404 };
  }
}

async function* text(make: () => Promise<string>): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(await make());
}

async function* bytes(count: number): AsyncIterable<Uint8Array> {
  for (let left = count; left > 0; left -= 10_000) yield new Uint8Array(Math.min(left, 10_000)).fill(120);
}

async function* pour(service: TestService): AsyncIterable<Uint8Array> {
  const chunk = new Uint8Array(65_536).fill(120);
  for (;;) {
    service.poured += chunk.length;
    yield chunk;
  }
}

async function* hang(signal: AbortSignal): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode('first');
  await aborted(signal);
  yield new TextEncoder().encode(' last');
}

async function* throwLate(): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode('first');
  throw new Error('a bug');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function readText(response: UniversalClientResponse): Promise<string> {
  return (await readAll(response.body)).toString();
}

/** Waits until something is so; the tests' own time limit ends it. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('it did not fail');
}
