import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { MeshProcess } from '../../scripts/support/mesh-process.ts';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { type Cli, createCli } from '../support/cli.ts';
import { connectTo } from '../support/client.ts';
import { openNetworkWay } from '../support/network-way.ts';
import { createTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { startService } from '../support/world.ts';

/** What a client says of itself and what the service counted, as `mesh transport stats -o json` prints them. */
interface TransportStats {
  readonly client: {
    readonly wanted: string;
    readonly used: string;
    readonly downgrades: readonly {
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly afterMs: number;
    }[];
  };
  readonly service: {
    readonly transports: readonly string[];
    readonly downgrades: readonly {
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly count: string;
    }[];
  };
}

/** No fleet is needed to be talked to. */
const nobody = 'http://127.0.0.1:1';
const cli = createCli();
let folder: TempFolder;
const running = new AsyncDisposableStack();
beforeAll(async () => {
  folder = running.use(await createTempFolder());
});
afterAll(() => running.disposeAsync());

let services = 0;
/** A service that counts from zero. */
async function serve(config = ''): Promise<MeshProcess> {
  services += 1;
  const file = await folder.write(`service-${services}.yaml`, `fleet: ${nobody}\n${config}`);
  const service = await startService([
    '--config',
    file,
    '--listen',
    '127.0.0.1:0',
    '--data-dir',
    folder.file(`data-${services}`),
  ]);
  running.defer(async () => void (await service.stop()));
  return service;
}

async function stats(by: Cli, args: readonly string[] = []): Promise<TransportStats> {
  return JSON.parse(await by.run([...args, 'transport', 'stats', '-o', 'json'])) as TransportStats;
}

describe('where the service has no HTTP/3', () => {
  let service: MeshProcess;
  let first: TransportStats;
  beforeAll(async () => {
    service = await serve('http3: false\n');
    first = await stats(createCli({ service }));
  });

  test('a command falls back to HTTP/2 within its bound, and both sides count that once', async () => {
    expect(service.ready.http3).toBe(false);
    expect(first.service.transports).toEqual(['h2', 'h1']);
    expect(first.client).toMatchObject({ wanted: 'h3', used: 'h2' });
    expect(first.client.downgrades).toEqual([
      { from: 'h3', to: 'h2', reason: 'udp_blocked', afterMs: expect.any(Number) },
    ]);
    expect(first.service.downgrades).toEqual([{ from: 'h3', to: 'h2', reason: 'udp_blocked', count: '1' }]);
  });

  test('the next command knows why from the answers of the first, waits for nothing and tells it once', async () => {
    const next = await stats(createCli({ service }));
    expect(next.client.downgrades).toEqual([{ from: 'h3', to: 'h2', reason: 'no_alt_svc', afterMs: 0 }]);
    expect(next.service.downgrades).toContainEqual({
      from: 'h3',
      to: 'h2',
      reason: 'no_alt_svc',
      count: '1',
    });
  });

  test('a command that is told to take HTTP/2 has nothing to tell', async () => {
    const before = (await stats(createCli({ service }))).service.downgrades;
    const told = await stats(createCli({ service }), ['--transport', 'h2']);
    expect(told.client).toMatchObject({ wanted: 'h2', used: 'h2', downgrades: [] });
    expect(told.service.downgrades).toEqual(before);
  });
});

describe('where the network swallows UDP', () => {
  test('a command falls back, both sides count that once, and the next one remembers', async () => {
    const service = await serve();
    await using way = await openNetworkWay({ tcp: service.url });
    const away = ['--address', way.url];
    const first = await stats(createCli({ service }), away);
    expect(first.service.transports).toEqual(['h3', 'h2', 'h1']);
    expect(first.client.downgrades).toEqual([
      { from: 'h3', to: 'h2', reason: 'udp_blocked', afterMs: expect.any(Number) },
    ]);
    expect(first.service.downgrades).toEqual([{ from: 'h3', to: 'h2', reason: 'udp_blocked', count: '1' }]);
    const next = await stats(createCli({ service }), away);
    expect(next.client.downgrades).toEqual([{ from: 'h3', to: 'h2', reason: 'udp_blocked', afterMs: 0 }]);
    expect(next.service.downgrades).toEqual([{ from: 'h3', to: 'h2', reason: 'udp_blocked', count: '2' }]);
  });

  test('a command that is told to take HTTP/3 says that there is none and what to do', async () => {
    const service = await serve();
    await using way = await openNetworkWay({ tcp: service.url });
    const [problem] = await createCli({ service }).refused(
      ['--address', way.url, '--transport', 'h3', 'status'],
      { exit: 7 },
    );
    expect(problem).toMatchObject({ code: 'SERVICE_UNREACHABLE', subject: way.url });
    expect(problem?.message).toContain('udp_blocked');
    expect(problem?.remedy).toContain('--transport auto');
  });

  test('mesh doctor finds it, and that the rest works', async () => {
    const service = await serve();
    await using way = await openNetworkWay({ tcp: service.url });
    const text = await createCli({ service }).run(['--address', way.url, 'doctor', '-o', 'json']);
    const { versions } = JSON.parse(text) as {
      readonly versions: readonly { readonly version: string; readonly reason?: string }[];
    };
    expect(versions.map(({ version, reason }) => [version, reason])).toEqual([
      ['h3', 'udp_blocked'],
      ['h2', undefined],
      ['h1', undefined],
    ]);
  });
});

describe('where somebody else answers over UDP', () => {
  test('a command does not trust him, falls back, and both sides count that once', async () => {
    const service = await serve();
    const stranger = await serve();
    await using way = await openNetworkWay({ tcp: service.url, udp: stranger.url });
    const { client, service: counted } = await stats(createCli({ service }), ['--address', way.url]);
    expect(client).toMatchObject({ wanted: 'h3', used: 'h2' });
    const [downgrade] = client.downgrades;
    // On a machine that is busy the moment for HTTP/3 may be over before he has said anything.
    expect(['handshake_failed', 'udp_blocked', 'timeout']).toContain(downgrade?.reason ?? '');
    const { reason } = downgrade ?? {};
    expect(counted.downgrades).toMatchObject([{ from: 'h3', to: 'h2', reason, count: '1' }]);
  });

  test('a command that is told to take HTTP/3 says that he is not trusted', async () => {
    const service = await serve();
    const stranger = await serve();
    await using way = await openNetworkWay({ tcp: service.url, udp: stranger.url });
    const [problem] = await createCli({ service }).refused(
      ['--address', way.url, '--transport', 'h3', 'status'],
      { exit: 7 },
    );
    expect(problem).toMatchObject({ code: 'SERVICE_UNTRUSTED', subject: way.url });
    expect(problem?.message).toContain('handshake_failed');
  });
});

test('where nothing is in the way, a client uses HTTP/3 and tells of no downgrade', async () => {
  const service = await serve();
  // A moment in which the machine does something else may cost one client its HTTP/3, not each.
  await waitFor('a client that uses HTTP/3', 10_000, async () => {
    const client = connectTo(service);
    try {
      await client.status.getStatus({});
      const { used, downgrades } = client.transport();
      return used === 'h3' && downgrades.length === 0;
    } finally {
      await client.close();
    }
  });
  const { client } = await stats(createCli({ service }), ['--transport', 'h3']);
  expect(client).toMatchObject({ wanted: 'h3', used: 'h3', downgrades: [] });
});

test('where nobody is, a command says so soon', async () => {
  const [problem] = await cli.refused(['--address', 'https://127.0.0.1:1', 'status'], { exit: 7 });
  expect(problem?.code).toBe('SERVICE_UNREACHABLE');
});
