import { afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectRouter, createClient } from '@connectrpc/connect';
import { type Clock, systemClock } from '../../base/clock.ts';
import { ok } from '../../base/result.ts';
import { downgradeHeader } from '../../domain/transport-downgrade.ts';
import { RebalancePlanService } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { StatusService } from '../../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { MeshClientError } from '../client-error.ts';
import { createMeshClient, type MeshClient, type MeshClientOptions } from '../mesh-client.ts';
import {
  elsewhereCertificate,
  expiredCertificate,
  otherAuthority,
  testAuthority,
} from './certificates.testing.ts';
import { createEndpoint } from './endpoint.ts';
import type { HttpConnection } from './http-connection.ts';
import { createNegotiatingTransport } from './negotiating-transport.ts';
import { openTcp } from './tcp-connection.ts';
import { createTestService, type TestService, type TestServiceOptions } from './test-service.testing.ts';
import { createTransportMemory } from './transport-memory.ts';
import { createTransportMemoryFile } from './transport-memory-file.ts';

const opened: (AsyncDisposable | { close(): Promise<void> })[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse())
    await ('close' in each ? each.close() : each[Symbol.asyncDispose]());
});

function routes(router: ConnectRouter): void {
  router.service(StatusService, { getStatus: () => ({ version: '9', namespaces: ['orders'] }) });
  router.service(RebalancePlanService, {
    async *watchPlans(request, context) {
      const from = request.resumeToken ?? 0n;
      for (let next = from + 1n; !context.signal.aborted; next++) {
        yield { resumeToken: next, event: { sequence: next } };
        await systemClock.sleep(5, context.signal);
      }
    },
  });
}

async function serve(options: Partial<TestServiceOptions> = {}): Promise<TestService> {
  const service = await createTestService({ routes, ...options });
  opened.push(service);
  return service;
}

function client({ url }: TestService, options: Partial<MeshClientOptions> = {}): MeshClient {
  const made = createMeshClient({ address: url, ca: testAuthority, ...options });
  opened.push(made);
  return made;
}

/** Waits for HTTP/3 ten times as long: where it is there and the machine is busy, it must win all the same. */
const patient: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(10 * ms, signal) };

const ask = (asking: MeshClient) => asking.call((each) => each.status.getStatus({}));
const downgrades = ({ requests }: TestService) =>
  requests.map((request) => request.header.get(downgradeHeader)).filter((each) => each !== null);

async function problemOf(asking: MeshClient) {
  const thrown = await ask(asking).catch((error: unknown) => error);
  if (!(thrown instanceof MeshClientError)) throw new Error('it did not fail');
  return thrown.problems[0];
}

describe('the client', () => {
  test('prefers HTTP/3 and says nothing of a downgrade', async () => {
    const service = await serve();
    const asking = client(service, { clock: patient });
    expect((await ask(asking)).version).toBe('9');
    await ask(asking);
    expect(asking.transport()).toEqual({
      wanted: 'h3',
      used: 'h3',
      downgrades: [],
      requests: { h3: 2, h2: 0, h1: 0 },
    });
    expect(downgrades(service)).toEqual([]);
  });

  test.each([
    ['closed', 'udp_blocked'],
    ['swallow', 'udp_blocked'],
  ] as const)('falls back where UDP is %s, and tells it once', async (udp, reason) => {
    const service = await serve({ udp });
    const asking = client(service);
    await ask(asking);
    await ask(asking);
    expect(asking.transport()).toMatchObject({
      used: 'h2',
      downgrades: [{ from: 'h3', to: 'h2', reason }],
      requests: { h3: 0, h2: 2, h1: 0 },
    });
    expect(downgrades(service)).toEqual([`from=h3; to=h2; reason=${reason}`]);
  });

  test('takes HTTP/1.1 where HTTP/2 is not spoken', async () => {
    const service = await serve({ udp: 'closed', tcp: 'h1' });
    const asking = client(service);
    expect((await ask(asking)).version).toBe('9');
    expect(downgrades(service)).toEqual(['from=h3; to=h1; reason=udp_blocked']);
    expect(service.requests.at(-1)?.version).toBe('h1');
  });

  test.each(['h3', 'h2', 'h1'] as const)(
    'speaks %s and only that when told to, which is no downgrade',
    async (choice) => {
      const service = await serve();
      const asking = client(service, { transport: choice });
      expect((await ask(asking)).namespaces).toEqual(['orders']);
      expect(service.requests.map((each) => each.version)).toEqual([choice]);
      expect(asking.transport()).toMatchObject({ wanted: choice, used: choice, downgrades: [] });
    },
  );

  test('that may only speak HTTP/3 says why it cannot', async () => {
    const service = await serve();
    expect(await problemOf(client(service, { transport: 'h3', ca: otherAuthority }))).toMatchObject({
      code: 'SERVICE_UNTRUSTED',
      message: expect.stringContaining('an authority that is not trusted'),
    });
  });

  test('remembers where HTTP/3 did not work, and tells the next service contact all the same', async () => {
    const service = await serve({ udp: 'swallow' });
    const memory = createTransportMemory(systemClock);
    await ask(client(service, { memory }));
    const second = client(service, { memory });
    await ask(second);
    expect(second.transport().downgrades).toMatchObject([{ reason: 'no_alt_svc', afterMs: 0 }]);
    expect(downgrades(service)).toEqual([
      'from=h3; to=h2; reason=udp_blocked',
      'from=h3; to=h2; reason=no_alt_svc',
    ]);
  });

  test('goes on over HTTP/2 when UDP stops on the way, and a watch misses nothing', async () => {
    const service = await serve();
    const asking = client(service, { clock: patient });
    const leave = new AbortController();
    const seen: bigint[] = [];
    for await (const event of asking.watch({ resumeToken: 0n, signal: leave.signal })) {
      seen.push(event.sequence);
      if (seen.length === 3) service.cutQuic();
      if (seen.length === 12) leave.abort();
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => BigInt(index + 1)));
    expect(service.requests.map((each) => each.version)).toEqual(['h3', 'h2']);
  });

  test('connects again when its connection was lost', async () => {
    const service = await serve({ udp: 'closed' });
    const asking = client(service);
    await ask(asking);
    service.cutTcp();
    await ask(asking);
    expect(downgrades(service)).toHaveLength(1);
  });

  test('tells a downgrade with the next request when the first did not arrive', async () => {
    let first = true;
    const service: TestService = await serve({
      udp: 'closed',
      before: () => {
        if (!first) return undefined;
        first = false;
        service.cutTcp();
        return undefined;
      },
    });
    await ask(client(service));
    expect(downgrades(service)).toHaveLength(2);
  });
});

test.each(['h3', 'h2', 'h1'])(
  'a program that closed its client over %s ends by itself',
  async (transport) => {
    const service = await serve();
    const program = join(import.meta.dir, '..', 'one-call.testing.ts');
    const run = Bun.spawn([process.execPath, 'run', program, service.url, testAuthority, transport], {
      stdout: 'pipe',
      stderr: 'pipe',
    });
    expect(await new Response(run.stdout).text()).toBe(`9 over ${transport}\n`);
    expect(await run.exited).toBe(0);
  },
);

test('HTTP/3 that connects and then answers nothing is given up for a while', async () => {
  const service = await serve({ udp: 'closed' });
  const memory = createTransportMemory(systemClock);
  let begun = 0;
  const transport = createNegotiatingTransport({
    endpoint: createEndpoint(service.url, { ca: testAuthority }),
    choice: 'auto',
    memory,
    clock: systemClock,
    openers: {
      tcp: openTcp,
      h3() {
        begun += 1;
        return {
          begun: Promise.resolve(),
          heard: () => true,
          done: Promise.resolve(ok(brittleConnection())),
          giveUp: () => ({ reason: 'timeout', detail: '' }),
        };
      },
    },
  });
  opened.push(transport);
  const asking = createClient(StatusService, transport);
  for (let attempt = 0; attempt < 2; attempt++) await asking.getStatus({}).catch(() => {});
  expect(memory.recall(service.url)).toBe('timeout');
  expect((await asking.getStatus({})).version).toBe('9');
  expect(begun).toBe(2);
  expect(downgrades(service)).toEqual(['from=h3; to=h2; reason=timeout']);
});

/** Is lost with its first request. */
function brittleConnection(): HttpConnection {
  let open = true;
  return {
    version: 'h3',
    handshakeMs: 1,
    isOpen: () => open,
    close: async () => {},
    async send() {
      open = false;
      throw new Error('the path is dead');
    },
  };
}

describe('what cannot be trusted', () => {
  test.each([
    ['an unknown authority', {}, { ca: otherAuthority }, '--ca'],
    ['an expired certificate', { certificate: expiredCertificate }, {}, 'Renew'],
    ['another name', { certificate: elsewhereCertificate }, {}, '--server-name'],
  ])('by %s is told with what to do', async (_, served, options, remedy) => {
    const problem = await problemOf(client(await serve(served), options));
    expect(problem.code).toBe('SERVICE_UNTRUSTED');
    expect(problem.remedy).toContain(remedy);
  });

  test('is the right one when its name is given', async () => {
    const service = await serve({ certificate: elsewhereCertificate });
    const asking = client(service, { serverName: 'elsewhere.example', clock: patient });
    await ask(asking);
    expect(asking.transport().used).toBe('h3');
  });

  test('where nobody listens is unreachable', async () => {
    const service = await serve({ udp: 'closed' });
    await service[Symbol.asyncDispose]();
    const problem = await problemOf(client(service));
    expect(problem).toMatchObject({ code: 'SERVICE_UNREACHABLE', subject: service.url });
  });
});

test('a memory in a file outlives the process, and is ignored when it is broken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-cache-'));
  const path = join(folder, 'deep', 'transports.json');
  createTransportMemoryFile(path, systemClock).remember('https://a', 'timeout');
  expect(createTransportMemoryFile(path, systemClock).recall('https://a')).toBe('timeout');
  const later = { ...systemClock, now: () => systemClock.now() + 6 * 60_000 };
  expect(createTransportMemoryFile(path, later).recall('https://a')).toBeUndefined();
  await Bun.write(path, '{"origins": 7');
  const broken = createTransportMemoryFile(path, systemClock);
  expect(broken.recall('https://a')).toBeUndefined();
  broken.remember('https://b', 'version');
  expect(broken.recall('https://b')).toBe('version');
  rmSync(folder, { recursive: true });
});
