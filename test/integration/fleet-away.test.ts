import { describe, expect, test } from 'bun:test';
import { createServer, type Server, type Socket } from 'node:net';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { ControllerSchema } from '../../src/gen/meshkit/rebalancer/v1/controller_pb.ts';
import { GetStatusResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { VerdictDecision } from '../../src/gen/meshkit/rebalancer/v1/verdict_pb.ts';
import { type Cli, createCli } from '../support/cli.ts';
import { makePlan } from '../support/plans.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { namespace, startFleet, startService, untilReady } from '../support/world.ts';

describe('a service whose fleet', () => {
  test('does not exist starts, says what is missing, and recovers when the fleet comes', async () => {
    await using folder = await createTempFolder();
    const silent = await startSilentServer();
    const { port } = silent;
    await silent.stop();
    const service = await startService([
      ...['--listen', '127.0.0.1:0', '--fleet', `http://127.0.0.1:${port}`],
      ...['--data-dir', folder.file('data')],
    ]);
    try {
      const cli = createCli({ service, namespace });
      await expectBlind(cli);
      const fleet = await startFleet({}, `127.0.0.1:${port}`);
      try {
        await untilReady(cli);
        expect((await makePlan(cli, ['--dry-run'])).moves.length).toBeGreaterThan(0);
      } finally {
        await fleet.stop();
      }
    } finally {
      await service.stop();
    }
  });

  test('accepts connections and stays silent starts, answers, and ends when asked', async () => {
    await using folder = await createTempFolder();
    const silent = await startSilentServer();
    const service = await startService([
      ...['--listen', '127.0.0.1:0', '--fleet', `http://127.0.0.1:${silent.port}`],
      ...['--data-dir', folder.file('data')],
    ]);
    try {
      await expectBlind(createCli({ service, namespace }));
    } finally {
      expect(await service.stop()).toBe(0);
      await silent.stop();
    }
  });

  test('goes away while it runs says that telemetry is stale, and recovers', async () => {
    await using folder = await createTempFolder();
    const fleet = await startFleet();
    const port = new URL(fleet.url).port;
    const service = await startService([
      ...['--listen', '127.0.0.1:0', '--fleet', fleet.url, '--data-dir', folder.file('data')],
    ]);
    try {
      const cli = createCli({ service, namespace, folder: folder.path });
      await untilReady(cli);
      await cli.run(['policies', 'apply', await folder.write('policy.yaml', impatientPolicy), '--yes'], {
        as: 'root',
      });
      await fleet.stop('SIGKILL');
      await waitFor('telemetry to be late', 30_000, async () => (await lateTelemetry(cli)).length > 0);
      const again = await startFleet({}, `127.0.0.1:${port}`);
      try {
        await waitFor('telemetry to be whole', 30_000, async () => (await lateTelemetry(cli)).length === 0);
        expect((await makePlan(cli, ['--dry-run'])).moves.length).toBeGreaterThan(0);
      } finally {
        await again.stop();
      }
    } finally {
      await service.stop();
    }
  });
});

describe('a rebalancer that is not there', () => {
  test.each([
    [['status']],
    [['shards', 'rebalance', 'list']],
    [['shards', 'rebalance', 'plan']],
    [['peers', 'list']],
    [['audit', 'verify']],
  ] as const)('is unreachable by %p', async (args) => {
    const cli = createCli({ address: 'http://127.0.0.1:1' });
    const [problem] = await cli.refused(args, { exit: 7 });
    expect([problem?.code, problem?.subject]).toEqual(['SERVICE_UNREACHABLE', 'http://127.0.0.1:1']);
  });

  test('but a server that stays silent is given up after the timeout', async () => {
    const silent = await startSilentServer();
    try {
      const cli = createCli({ address: `http://127.0.0.1:${silent.port}` });
      const [problem] = await cli.refused(['status', '--timeout', '1'], { exit: 7 });
      expect(problem?.code).toBe('SERVICE_UNREACHABLE');
    } finally {
      await silent.stop();
    }
  });

  test('nor is a fleet that is not there', async () => {
    const cli = createCli({ fleet: 'http://127.0.0.1:1' });
    const [problem] = await cli.refused(['fleet', 'stats'], { exit: 7 });
    expect(problem?.subject).toBe('http://127.0.0.1:1');
  });
});

/** Loads are told every ten seconds; a second later they are late. */
const impatientPolicy = `apiVersion: meshkit.rebalancer/v1
kind: Policy
cluster: test
namespace: ${namespace}
spec:
  telemetry: { maxAge: 11s }
  triggers: { evaluationInterval: 1s }
`;

/** What stands in the way of plans because telemetry is old or has holes. */
async function lateTelemetry(cli: Cli): Promise<readonly string[]> {
  const { verdicts } = await cli.read(ControllerSchema, ['controllers', 'show']);
  return verdicts
    .filter((each) => each.code.startsWith('GUARDRAIL_TELEMETRY_') && each.decision !== VerdictDecision.ALLOW)
    .map((each) => each.code);
}

async function expectBlind(cli: Cli): Promise<void> {
  expect((await cli.read(GetStatusResponseSchema, ['status'])).ready).toBe(false);
  await waitFor('the controller to have looked', 10_000, async () => {
    const { diagnosis } = await cli.read(ControllerSchema, ['controllers', 'show']);
    return blindCodes.test(diagnosis?.code ?? '');
  });
  const controller = await cli.read(ControllerSchema, ['controllers', 'show']);
  expect(controller.diagnosis?.message).toContain('never delivered');
  for (const command of [
    ['shards', 'rebalance', 'plan'],
    ['peers', 'list'],
    ['snapshot', 'show'],
    ['controllers', 'scores'],
  ]) {
    const answer = await cli.answer([...command, '-o', 'json']);
    const { problems } = JSON.parse(answer.stderr) as { problems: { code: string }[] };
    expect({ command, code: problems[0]?.code }).toEqual({
      command,
      code: expect.stringMatching(blindCodes),
    });
    expect(answer.code).not.toBe(0);
    expect(answer.code).not.toBe(1);
  }
  await cli.run(['shards', 'rebalance', 'list']);
  await cli.run(['audit', 'verify']);
}

const blindCodes = /^(SNAPSHOT_EMPTY|SNAPSHOT_NOT_FOUND|FLEET_UNREACHABLE)$/;

/** Accepts connections and never says a word. */
async function startSilentServer(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was had');
  return {
    port: address.port,
    stop: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}
