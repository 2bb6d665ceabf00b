import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { TransportDowngrades } from '../../src/gen/meshkit/rebalancer/v1/transport_service_pb.ts';
import { expectGolden, withoutVolatile } from '../support/golden.ts';
import { createTcpRelay, type TcpRelay } from '../support/tcp-relay.ts';
import { createWorld, type World } from '../support/world.ts';

/** The executable and a service, over every HTTP version and where one of them is blocked. */

let world: World;
let relay: TcpRelay;
beforeAll(async () => {
  world = await createWorld();
  relay = await createTcpRelay(world.service().url);
});
afterAll(async () => {
  await relay[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

interface StatsAnswer {
  readonly service: { readonly downgrades: readonly Pick<TransportDowngrades, 'from' | 'to' | 'reason'>[] };
  readonly client: {
    readonly used: string;
    readonly downgrades: readonly { readonly reason: string; readonly afterMs: number }[];
  };
}

async function stats(...args: readonly string[]): Promise<StatsAnswer> {
  return JSON.parse(await world.cli.run([...args, 'transport', 'stats', '-o', 'json']));
}

describe('a command', () => {
  test('goes over HTTP/3 where nothing is in the way', async () => {
    expect((await stats()).client).toMatchObject({ wanted: 'h3', used: 'h3', downgrades: [] });
  });

  test.each(['h3', 'h2', 'h1'])('goes over %s when told to', async (version) => {
    const { stderr } = await world.cli.answer(['--transport', version, '-v', 'status']);
    expect(stderr).toMatch(new RegExp(`^connected over ${version} in \\d+ ms\\n$`));
  });

  test('falls back where UDP is blocked, within 300 ms, and both sides count it once', async () => {
    // A machine that is busy with other things gets another try, by a way that nobody remembers.
    const tookMs: number[] = [];
    for (let attempt = 0; attempt < 3 && !tookMs.some((each) => each <= 300); attempt++) {
      await using way = await createTcpRelay(world.service().url);
      const { client } = await stats('--address', way.url);
      expect(client).toMatchObject({ wanted: 'h3', used: 'h2', downgrades: [{ reason: 'udp_blocked' }] });
      tookMs.push(...client.downgrades.map((each) => each.afterMs));
    }
    expect(Math.min(...tookMs)).toBeLessThanOrEqual(300);
    const { service } = await stats();
    expect(service.downgrades).toEqual([
      expect.objectContaining({ from: 'h3', to: 'h2', reason: 'udp_blocked', count: String(tookMs.length) }),
    ]);
  });

  test('does not wait for HTTP/3 again a moment later, and says so', async () => {
    const command = ['--address', relay.url, '-v', 'status'];
    expect((await world.cli.answer(command)).stderr).toMatch(
      /wanted h3 \(udp_blocked, given up after \d+ ms\)\n$/,
    );
    const { stderr } = await world.cli.answer(command);
    expect(stderr).toMatch(/^connected over h2 in \d+ ms; wanted h3 \(udp_blocked, remembered\)\n$/);
  });

  test('that may speak HTTP/3 only fails where it is blocked', async () => {
    const args = ['--address', relay.url, '--transport', 'h3', '--timeout', '1', 'status'];
    const [problem] = await world.cli.refused(args, { exit: 7 });
    expect(problem).toMatchObject({
      code: 'SERVICE_UNREACHABLE',
      message: expect.stringContaining('does not answer: no connection within'),
    });
  });
});

describe('what it looks like', () => {
  const blurred = (text: string): string =>
    withoutVolatile(text)
      .replaceAll(world.folder.path, '<folder>')
      .replace(/in \d+(\.\d+)? ms/g, 'in <n> ms')
      .replace(/after \d+ ms/g, 'after <n> ms');

  test.each([
    ['config-view', ['config', 'view']],
    ['config-list', ['config', 'list']],
    ['doctor', ['doctor']],
  ])('%s', async (name, args) => {
    await expectGolden(`${name}.txt`, blurred(await world.cli.run(args)));
    const json = blurred(await world.cli.run([...args, '-o', 'json']));
    const numbers = /"(handshakeMs|clockSkewMs|notBefore|notAfter)": -?[\d.]+/g;
    await expectGolden(`${name}.json`, json.replace(numbers, '"$1": 0'));
  });

  test('transport-stats', async () => {
    const args = ['--address', relay.url, 'transport', 'stats'];
    const counts = / +\d+$/gm;
    await expectGolden('transport-stats.txt', blurred(await world.cli.run(args)).replace(counts, ' <n>'));
    const json = blurred(await world.cli.run([...args, '-o', 'json']));
    await expectGolden('transport-stats.json', json.replace(/"count": "\d+"/g, '"count": "<n>"'));
  });

  test('doctor, where nobody is', async () => {
    const { code, stdout } = await world.cli.answer(['--address', '127.0.0.1:1', 'doctor']);
    expect(code).toBe(7);
    await expectGolden('doctor-unreachable.txt', blurred(stdout));
  });

  test('doctor, with a token that allows nothing here', async () => {
    const { code, stdout } = await world.cli.answer(['--profile', 'telemetry', 'doctor']);
    expect(code).toBe(3);
    expect(stdout).toContain('mesh.read');
  });
});
