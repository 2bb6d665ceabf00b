import { afterEach, describe, expect, test } from 'bun:test';
import { create } from '@bufbuild/protobuf';
import { Code, ConnectError, type ConnectRouter, createClient } from '@connectrpc/connect';
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
import { listenPlainly, type PlainListener } from './plain-listener.ts';

const opened: PlainListener[] = [];
afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close();
});

/** A service whose watch sends one message and then waits for its end. */
function routes(calls: { aborted: number; version: string }): (router: ConnectRouter) => void {
  return (router) => {
    router.service(RebalancePlanService, {
      listPlans(request, context) {
        calls.version = context.values.get(httpVersionKey);
        return create(ListPlansResponseSchema, { nextCursor: `after ${request.cursor}` });
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

async function start(calls = { aborted: 0, version: '' }): Promise<PlainListener> {
  const listening = await listenPlainly({
    host: '127.0.0.1',
    port: 0,
    dev: true,
    routes: routes(calls),
    log: silentLog,
  });
  if (!listening.ok) throw new Error(listening.error.message);
  opened.push(listening.value);
  return listening.value;
}

describe('the plain listener', () => {
  test('answers gRPC, gRPC-Web and Connect on one port', async () => {
    const calls = { aborted: 0, version: '' };
    const { url } = await start(calls);
    for (const transport of [
      createGrpcTransport({ baseUrl: url }),
      createGrpcWebTransport({ baseUrl: url, httpVersion: '2' }),
      createConnectTransport({ baseUrl: url, httpVersion: '2' }),
    ]) {
      const answer = await createClient(RebalancePlanService, transport).listPlans({ cursor: 'x' });
      expect(answer.nextCursor).toBe('after x');
    }
    expect(calls.version).toBe('h2');
  });

  test('tells a handler when its caller goes away', async () => {
    const calls = { aborted: 0, version: '' };
    const { url } = await start(calls);
    const client = createClient(RebalancePlanService, createGrpcTransport({ baseUrl: url }));
    const leaving = new AbortController();
    const watch = client.watchPlans({}, { signal: leaving.signal })[Symbol.asyncIterator]();
    expect((await watch.next()).value?.resumeToken).toBe(7n);
    leaving.abort();
    expect(ConnectError.from(await failure(watch.next())).code).toBe(Code.Canceled);
    while (calls.aborted === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(calls.aborted).toBe(1);
  });

  test('tells its streams that the service stops, and then takes no calls', async () => {
    const { url, close } = await start();
    const client = createClient(RebalancePlanService, createGrpcTransport({ baseUrl: url }));
    const watch = client.watchPlans({})[Symbol.asyncIterator]();
    await watch.next();
    const ended = failure(watch.next());
    await close();
    const error = ConnectError.from(await ended);
    expect(error.code).toBe(Code.Unavailable);
    expect(error.rawMessage).toBe('SERVICE_STOPPING');
    const fresh = createClient(RebalancePlanService, createGrpcTransport({ baseUrl: url }));
    expect(ConnectError.from(await failure(fresh.listPlans({}))).code).toBe(Code.Unavailable);
  });

  test('lets a call in flight end before it closes', async () => {
    const held = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const listening = await listenPlainly({
      host: '127.0.0.1',
      port: 0,
      dev: true,
      log: silentLog,
      routes: (router) => {
        router.service(RebalancePlanService, {
          async listPlans() {
            arrived.resolve();
            await held.promise;
            return create(ListPlansResponseSchema, { nextCursor: 'done' });
          },
        });
      },
    });
    if (!listening.ok) throw new Error(listening.error.message);
    const transport = createGrpcTransport({ baseUrl: listening.value.url });
    const answer = createClient(RebalancePlanService, transport).listPlans({});
    await arrived.promise;
    const closed = listening.value.close();
    held.resolve();
    expect((await answer).nextCursor).toBe('done');
    await closed;
  });

  test('says which address it could not have', async () => {
    const { port } = await start();
    const second = await listenPlainly({
      host: '127.0.0.1',
      port,
      dev: true,
      routes: () => {},
      log: silentLog,
    });
    expect(second.ok ? '' : second.error.code).toBe('LISTEN_FAILED');
    expect(second.ok ? '' : second.error.subject).toBe(`127.0.0.1:${port}`);
  });

  test.each([
    ['0.0.0.0', true],
    ['192.168.1.5', true],
    ['example.org', true],
    ['127.0.0.1', false],
  ])('refuses %s with dev %p: there is no TLS', async (host, dev) => {
    const refused = await listenPlainly({ host, port: 0, dev, routes: () => {}, log: silentLog });
    expect(refused.ok ? '' : refused.error.code).toBe('LISTEN_INSECURE');
  });
});

async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('it did not fail');
}
