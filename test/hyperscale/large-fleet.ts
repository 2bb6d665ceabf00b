import { readFile } from 'node:fs/promises';
import { type MeshProcess, startMesh } from '../../scripts/support/mesh-process.ts';
import { type Cli, cleanEnvironment, createCli } from '../support/cli.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { untilMeasured } from '../support/until-measured.ts';
import { untilReady } from '../support/world.ts';

/** A fleet of 1,000 nodes and 100,002 replicas, and the service against it, as processes of their own. */
export interface LargeFleet extends AsyncDisposable {
  readonly service: MeshProcess;
  readonly cli: Cli;
}

export const nodes = 1_000;
export const replicasPerShard = 3;
export const shards = 33_334;

/** Caps of the policy that executions are held to; the zones' leave room for all of the namespace's. */
export const concurrency = { namespace: 24, perNodeIn: 2, perNodeOut: 2, perZone: 24 };

const place = ['--listen', '127.0.0.1:0', '--cluster', 'test', '-n', 'large'];
const fleetArguments = [
  ...['--nodes', nodes, '--zones', 5, '--shards', shards, '--replicas', replicasPerShard],
  ...['--profile', 'lognormal', '--peak-to-mean', 1.4, '--seed', 7, '--time-scale', 200],
].map(String);

const policy = `apiVersion: meshkit.rebalancer/v1
kind: Policy
cluster: test
namespace: large
spec:
  dimensions:
    - { name: cpu, weight: 2, targetUtilization: 0.7, hardLimit: 0.95 }
    - { name: memory, weight: 1, targetUtilization: 0.8, hardLimit: 1, transient: true }
  budget: { maxMoves: 20000, maxBytes: 1000000000000000, maxShareOfShards: 1 }
  concurrency: ${JSON.stringify(concurrency)}
  cooldown: { shard: 0s, node: 0s, namespace: 0s, failure: 1s }
  placement:
    minHealthyReplicas: 2
    spread: [{ select: {}, level: zone, minDomains: 2, maxPerDomain: 2 }]
  approvals: { required: 1, excludeAuthor: true, tiers: [] }
`;

/** Starts both, waits for the first snapshot, applies the policy. */
export async function startLargeFleet(): Promise<LargeFleet> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await createTempFolder());
  const env = cleanEnvironment({});
  const fleet = await startMesh(['fleet', 'simulate', ...place, ...fleetArguments], { env });
  opening.defer(async () => void (await fleet.stop()));
  const serve = ['rebalancer', 'serve', '--dev', ...place, '--fleet', fleet.url, '--log-level', 'warn'];
  const service = await startMesh([...serve, '--data-dir', folder.file('data')], { env });
  opening.defer(async () => void (await service.stop()));
  const cli = createCli({ service, fleet: fleet.url, namespace: 'large', folder: folder.path });
  await untilReady(cli);
  await untilMeasured(cli);
  await cli.run(['policies', 'apply', await folder.write('policy.yaml', policy), '--yes'], { as: 'root' });
  const open = opening.move();
  return { service, cli, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** Most memory that the process has ever had, bytes; undefined where the system does not tell. */
export async function peakMemoryBytes({ pid }: MeshProcess): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1_024;
}
