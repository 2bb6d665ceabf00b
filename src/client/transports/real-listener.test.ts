import { afterEach, describe, expect, test } from 'bun:test';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ConnectRouter, createConnectRouter } from '@connectrpc/connect';
import { type Clock, systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { expectOk } from '../../domain/problem.ts';
import { RebalancePlanService } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { clientCertificateKey, httpVersionKey } from '../../transport/call-context.ts';
import { createTestAuthority, identityOf } from '../../transport/certificates.testing.ts';
import { type ListenOptions, listen } from '../../transport/listener.ts';
import { fixedTlsSource } from '../../transport/tls-source.ts';
import { watchSilenceMs } from '../../wire/watch-heartbeat.ts';
import { MeshClientError } from '../client-error.ts';
import { createMeshClient, type MeshClient, type MeshClientOptions } from '../mesh-client.ts';
import { serverCertificate, testAuthority } from './certificates.testing.ts';

/** The client and the service's own listener: two implementations of every HTTP version that must agree. */
const authority = await createTestAuthority();
const identity = identityOf(await authority.issue('localhost'));
let opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.reverse()) await each.close();
  opened = [];
});

/** URL of a listener with these routes. */
async function serve(
  routes: (router: ConnectRouter) => void,
  options: Partial<ListenOptions> = {},
): Promise<string> {
  const listening = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: fixedTlsSource(identity),
    http3: true,
    log: silentLog,
    createHandler(shutdownSignal) {
      const router = createConnectRouter({ shutdownSignal });
      routes(router);
      const handlers = new Map(router.handlers.map((each) => [each.requestPath, each]));
      return async (request) => handlers.get(new URL(request.url).pathname)?.(request) ?? { status: 404 };
    },
    ...options,
  });
  const listener = expectOk(listening.ok ? listening : { ok: false, error: [listening.error] });
  opened.push(listener);
  return listener.url;
}

function client(address: string, options: Partial<MeshClientOptions> = {}): MeshClient {
  const made = createMeshClient({ address, ca: authority.certificate, ...options });
  opened.push(made);
  return made;
}

async function problemOf(work: Promise<unknown>) {
  const thrown = await work.catch((error: unknown) => error);
  if (!(thrown instanceof MeshClientError)) throw new Error(`unexpected: ${thrown}`);
  return thrown.problems[0];
}

describe.each(['h3', 'h2', 'h1'] as const)('over %s', (transport) => {
  test('many calls at the same time and large ones arrive whole', async () => {
    const asking = client(await serve(waiting({ begun: 0, aborted: 0 })), { transport });
    const cursors = Array.from({ length: 300 }, (_, index) => String(index));
    const answers = await Promise.all(cursors.map((cursor) => asking.plans.listPlans({ cursor })));
    expect(answers.map((each) => each.nextCursor)).toEqual(
      cursors.map((each) => `${transport}: after ${each}`),
    );
    const large = 'x'.repeat(3_000_000);
    expect((await asking.plans.listPlans({ cursor: large })).nextCursor).toHaveLength(3_000_000 + 10);
  });

  test('a watch ends when its reader leaves, and a call when its time is over', async () => {
    const calls = { begun: 0, aborted: 0 };
    const asking = client(await serve(waiting(calls)), { transport });
    for await (const event of asking.watch({ signal: new AbortController().signal })) {
      expect(event.sequence).toBe(7n);
      break;
    }
    const late = problemOf(asking.call((each) => each.plans.getPlan({ id: 'p' }, { timeoutMs: 50 })));
    expect((await late).code).toBe('SERVICE_UNREACHABLE');
    // Over HTTP/3 the service learns that nobody reads only when it writes the next time.
    while (transport !== 'h3' && calls.aborted < calls.begun) await new Promise((done) => setImmediate(done));
    expect((await asking.plans.listPlans({ cursor: 'again' })).nextCursor).toBe(`${transport}: after again`);
  });

  test('a watch on which nothing comes any more is asked again', async () => {
    const address = await serve(waiting({ begun: 0, aborted: 0 }));
    const asking = client(address, { transport, clock: impatientClock });
    const waits: number[] = [];
    let seen = 0;
    const { signal } = new AbortController();
    for await (const { sequence } of asking.watch({ signal, onReconnect: (ms) => waits.push(ms) })) {
      expect(sequence).toBe(7n);
      seen += 1;
      if (seen === 2) break;
    }
    expect(waits[0]).toBe(250);
  });
});

/** The machine's time, but silence of a watch is noticed at once. */
const impatientClock: Clock = {
  ...systemClock,
  schedule: (ms, action) => systemClock.schedule(ms === watchSilenceMs ? 300 : ms, action),
};

/** A watch and a call that wait for their end, and count it. */
function waiting(calls: { begun: number; aborted: number }): (router: ConnectRouter) => void {
  const end = (signal: AbortSignal): Promise<void> =>
    new Promise((done) => {
      calls.begun += 1;
      signal.addEventListener('abort', () => {
        calls.aborted += 1;
        done();
      });
    });
  return (router) => {
    router.service(RebalancePlanService, {
      listPlans: ({ cursor }, { values }) => ({
        nextCursor: `${values.get(httpVersionKey)}: after ${cursor}`,
      }),
      async getPlan(_, { signal }) {
        await end(signal);
        return {};
      },
      async *watchPlans(_, { signal }) {
        yield { resumeToken: 7n, event: { sequence: 7n } };
        await end(signal);
      },
    });
  };
}

test('a client certificate is shown, over HTTP/2 without a word of a downgrade', async () => {
  const url = await serve(
    (router) => {
      router.service(RebalancePlanService, {
        listPlans: (_, { values }) => ({ nextCursor: values.get(clientCertificateKey)?.subject.CN ?? '' }),
      });
    },
    { clientCa: authority.certificate },
  );
  const asking = client(url, { clientCertificate: await authority.issue('agent-7') });
  expect((await asking.plans.listPlans({})).nextCursor).toBe('agent-7');
  expect(asking.transport()).toMatchObject({ wanted: 'h2', used: 'h2', downgrades: [] });
});

test('a certificate or a key that is none is told', async () => {
  const url = await serve(waiting({ begun: 0, aborted: 0 }));
  const asking = client(url, { clientCertificate: { certificate: 'no', key: 'no' } });
  expect((await problemOf(asking.call((each) => each.plans.listPlans({})))).code).toBe(
    'CREDENTIAL_UNREADABLE',
  );
});

test('a web server that is no rebalancer is told from one that is away', async () => {
  const { certificate: cert, key } = serverCertificate;
  const server = createServer({ cert, key }, (_, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not here</h1>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const problem = await problemOf(
    client(address, { ca: testAuthority }).call((each) => each.plans.listPlans({})),
  );
  server.close();
  expect(problem).toMatchObject({ code: 'SERVICE_FOREIGN', subject: address });
});
