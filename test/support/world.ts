import { join } from 'node:path';
import { type MeshProcess, startMesh } from '../../scripts/support/mesh-process.ts';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { GetStatusResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { type Cli, cleanEnvironment, createCli } from './cli.ts';
import { createTempFolder, type TempFolder } from './temp-folder.ts';

/** The cluster and namespace that every world plays. */
export const cluster = 'test';
export const namespace = 'orders';

export interface FleetOptions {
  readonly nodes?: number;
  readonly shards?: number;
  readonly replicas?: number;
  readonly peakToMean?: number;
  /** Virtual seconds in a real one: the higher, the faster copies are. */
  readonly timeScale?: number;
  readonly seed?: number;
  /** Start from this file instead. */
  readonly snapshot?: string;
}

export interface WorldOptions extends FleetOptions {
  /** YAML of the namespace's policy, applied before anything else. */
  readonly policy?: string;
  /** More arguments of the service. */
  readonly serve?: readonly string[];
}

/** A simulated fleet, a service beside it and somebody who operates them: processes, as users start them. */
export interface World extends AsyncDisposable {
  readonly folder: TempFolder;
  readonly fleet: MeshProcess;
  /** The service as it was started last. */
  readonly service: () => MeshProcess;
  /** The same after a restart: the service keeps its address. */
  readonly cli: Cli;
  /** Lines of the service's log. */
  readonly log: readonly string[];
  /** Ends the service and starts it again on the same data and address. */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** How long a service may take to see a small fleet, on a busy machine. */
const readyLimitMs = 30_000;

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await createTempFolder());
  const fleet = await startFleet(options);
  opening.defer(async () => void (await fleet.stop()));
  const log: string[] = [];
  const start = (listen: string): Promise<MeshProcess> =>
    startService(
      ['--listen', listen, '--fleet', fleet.url, '--data-dir', folder.file('data'), ...(options.serve ?? [])],
      log,
    );
  let service = await start('127.0.0.1:0');
  opening.defer(async () => void (await service.stop()));
  const cli = createCli({ service, fleet: fleet.url, namespace, folder: folder.path });
  await untilReady(cli);
  if (options.policy !== undefined)
    await cli.run(['policies', 'apply', await folder.write('policy.yaml', options.policy), '--yes'], {
      as: 'root',
    });
  const open = opening.move();
  return {
    folder,
    fleet,
    service: () => service,
    cli,
    log,
    async restart(signal) {
      await service.stop(signal);
      service = await start(new URL(service.url).host);
      await untilReady(cli);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

export function startFleet(options: FleetOptions = {}, listen = '127.0.0.1:0'): Promise<MeshProcess> {
  const { nodes = 6, shards = 36, replicas = 3, peakToMean = 1.5, timeScale = 200, seed = 7 } = options;
  const source =
    options.snapshot === undefined
      ? [
          '--nodes',
          nodes,
          '--shards',
          shards,
          '--replicas',
          replicas,
          '--peak-to-mean',
          peakToMean,
          '--profile',
          'uniform',
        ]
      : ['--snapshot', options.snapshot];
  return startMesh(
    [
      'fleet',
      'simulate',
      '--listen',
      listen,
      '--cluster',
      cluster,
      '-n',
      namespace,
      '--time-scale',
      timeScale,
      '--seed',
      seed,
      ...source,
    ].map(String),
    { env: cleanEnvironment({}) },
  );
}

/** Starts a service; `args` say at least where the fleet and the data are. */
export function startService(args: readonly string[], log: string[] = []): Promise<MeshProcess> {
  return startMesh(['rebalancer', 'serve', '--dev', '--cluster', cluster, '-n', namespace, ...args], {
    env: cleanEnvironment({}),
    onLog: (line) => log.push(line),
  });
}

export function untilReady(cli: Cli): Promise<void> {
  // Over HTTP/2: while everything starts, HTTP/3 may be too late once, and that would be remembered for the commands that follow.
  const ask = ['--transport', 'h2', 'status'];
  return waitFor('the service to see the fleet', readyLimitMs, async () => {
    return (await cli.read(GetStatusResponseSchema, ask)).ready;
  });
}

/** Files that lie in the repository. */
export function repositoryFile(...parts: readonly string[]): string {
  return join(import.meta.dir, '..', '..', ...parts);
}
