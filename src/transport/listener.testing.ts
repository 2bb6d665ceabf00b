import { create } from '@bufbuild/protobuf';
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  type Transport,
} from '@connectrpc/connect';
import type { UniversalHandlerFn } from '@connectrpc/connect/protocol';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { silentLog } from '../base/log.ts';
import { ProblemError } from '../domain/problem.ts';
import {
  ListPlansResponseSchema,
  RebalancePlanService,
  WatchPlansResponseSchema,
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
  start(options?: Partial<ListenOptions>): Promise<Listener>;
  /** Transports of the protocols that go over a version. */
  transports(version: Version): Promise<readonly Transport[]>;
  h3(): Promise<TestH3Client>;
  close(): Promise<void>;
}

export function createListenerBench(): ListenerBench {
  const authority = createTestAuthority();
  const identity = identityOf(authority.issue('localhost'));
  const opened: Array<() => Promise<void>> = [];
  let listener: Listener | undefined;
  const running = (): Listener => {
    if (!listener) throw new Error('no listener was started');
    return listener;
  };
  return {
    authority,
    async start(options = {}) {
      const listening = await listen({
        host: '127.0.0.1',
        port: 0,
        tls: fixedTlsSource(identity),
        http3: true,
        createHandler: (shutdown) => connectHandler(echoRoutes(), shutdown),
        log: silentLog,
        ...options,
      });
      if (!listening.ok) throw new Error(listening.error.message);
      listener = listening.value;
      opened.unshift(() => listening.value.close());
      return listening.value;
    },
    async transports(version) {
      const { port } = running();
      const options = {
        baseUrl: `https://localhost:${port}`,
        nodeOptions: { ca: authority.certificate },
      };
      if (version === 'h3') {
        const client = await this.h3();
        return [client.grpc(), client.connect(), client.connect(false)];
      }
      if (version === 'h1') {
        const h1 = { ...options, httpVersion: '1.1' as const };
        return [
          createConnectTransport(h1),
          createConnectTransport({ ...h1, useBinaryFormat: true }),
          createGrpcWebTransport(h1),
        ];
      }
      const h2 = { ...options, httpVersion: '2' as const };
      return [
        createGrpcTransport(options),
        createConnectTransport(h2),
        createConnectTransport({ ...h2, useBinaryFormat: true }),
        createGrpcWebTransport(h2),
      ];
    },
    async h3() {
      const client = await connectH3(running().port, authority.certificate);
      opened.unshift(() => client.close());
      return client;
    },
    async close() {
      for (const close of opened.splice(0)) await close();
      listener = undefined;
    },
  };
}

/** The handlers of a Connect router as one function. */
export function connectHandler(
  routes: (router: ConnectRouter) => void,
  shutdownSignal: AbortSignal,
): UniversalHandlerFn {
  const router = createConnectRouter({ shutdownSignal });
  routes(router);
  const handlers = new Map(router.handlers.map((each) => [each.requestPath, each]));
  return async (request) => {
    const handler = handlers.get(new URL(request.url).pathname);
    return handler ? await handler(request) : { status: 404 };
  };
}

/** Answers with the version of HTTP and what was asked; its watch sends one message and then waits for its end. */
export function echoRoutes(calls: { aborted: number } = { aborted: 0 }): (router: ConnectRouter) => void {
  return (router) => {
    router.service(RebalancePlanService, {
      listPlans(request, context) {
        if (request.cursor === 'throw') throw new Error('a bug');
        const version = context.values.get(httpVersionKey);
        return create(ListPlansResponseSchema, { nextCursor: `${version}: after ${request.cursor}` });
      },
      async *watchPlans(_request, context) {
        yield create(WatchPlansResponseSchema, { resumeToken: 7n });
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
        calls.aborted += 1;
        const { reason } = context.signal;
        if (reason instanceof ProblemError) throw new ConnectError(reason.problems[0].code, Code.Unavailable);
        throw reason;
      },
    });
  };
}

export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('it did not fail');
}
