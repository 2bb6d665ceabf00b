import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { type MeshProcess, startMesh } from '../scripts/support/mesh-process.ts';
import { createGrpcPeerSource } from '../src/adapters/meshkit-peers/grpc-peer-source.ts';
import { systemClock } from '../src/base/clock.ts';
import type { MeshClient } from '../src/client/mesh-client.ts';
import { FleetSimulatorService } from '../src/gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { createFleetChannel } from '../src/wire/fleet-channel/fleet-channel.ts';
import { connectTo } from '../test/support/client.ts';

/**
 * The service as users run it, seen from outside, one JSON object a line: `bun bench/service.ts [SHARDS NODES]`, shards
 * of three replicas, 33,334 on 1,000 nodes when left out. The executable is that of `MESH`, default `dist/mesh`.
 */
const [shards = 33_334, nodes = 1_000] = process.argv.slice(2).map(Number);
const restMs = 20_000;
const listedPlans = 1_000;
const listRounds = 100;
const patienceMs = 120_000;
/** Ticks of processor time in a second, as Linux tells them to programs. */
const ticksPerSecond = 100;
const folder = await mkdtemp(join(tmpdir(), 'bench-service-'));
const running: MeshProcess[] = [];

function report(name: string, figures: Readonly<Record<string, number>>): void {
  const rounded = Object.entries(figures).map(([key, value]) => [key, Number(value.toPrecision(4))]);
  console.log(JSON.stringify({ bench: name, ...Object.fromEntries(rounded) }));
}

interface Stage {
  readonly fleet: MeshProcess;
  readonly service: MeshProcess;
  readonly client: MeshClient;
}

/** A fleet, and the service whose start is measured: until it says that it is ready, and until it has seen the fleet. */
async function startStage(name: string, size: readonly string[]): Promise<Stage> {
  const place = ['--listen', '127.0.0.1:0', '--cluster', 'bench', '-n', 'bench'];
  const fleet = await startMesh(['fleet', 'simulate', ...place, ...size]);
  running.push(fleet);
  const began = performance.now();
  const service = await startMesh([
    ...['rebalancer', 'serve', '--dev', ...place, '--log-level', 'error'],
    ...['--fleet', fleet.url, '--data-dir', join(folder, name)],
  ]);
  running.push(service);
  const readyMs = performance.now() - began;
  const client = connectTo(service, { as: 'bench' });
  await until(async () => (await client.status.getStatus({})).ready);
  const firstSnapshotMs = performance.now() - began;
  await until(async () => (await planProblem(client)) === '');
  report(`start ${name}`, { readyMs, firstSnapshotMs, firstPlanMs: performance.now() - began });
  return { fleet, service, client };
}

/** Why no dry run can be made; empty when one was. */
async function planProblem(client: MeshClient): Promise<string> {
  const tried = await client.plans.createPlan({ namespace: 'bench', dryRun: true }).catch(String);
  return typeof tried === 'string' ? tried : '';
}

async function until(ask: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`waited ${patienceMs / 1_000} s in vain`);
    await Bun.sleep(5);
  }
}

async function benchPlan({ client }: Stage): Promise<void> {
  const start = performance.now();
  const { plan } = await client.plans.createPlan({ namespace: 'bench', dryRun: true });
  report('plan', { ms: performance.now() - start, moves: Number(plan?.summary?.moves ?? 0n) });
}

/** From the message of gossip that a node is dead to the plan that restores what it held. */
async function benchDeath({ client, fleet }: Stage): Promise<void> {
  const simulator = createClient(FleetSimulatorService, createGrpcTransport({ baseUrl: fleet.url }));
  const channel = createFleetChannel(fleet.url);
  const listening = new AbortController();
  const gossip = createGrpcPeerSource(channel, systemClock, () => {}).watch(listening.signal);
  const victim = 'n0001';
  await simulator.killNode({ node: victim });
  for await (const batch of gossip) {
    if (batch.some((peer) => peer.node === victim && peer.status === 'dead')) break;
  }
  const seen = performance.now();
  await until(async () => {
    const { plans } = await client.plans.listPlans({ pageSize: 5 });
    return plans.some((plan) => plan.trigger.startsWith('nodeMustBeVacated'));
  });
  report('node death to plan', { ms: performance.now() - seen });
  listening.abort();
  channel.close();
}

/** What the service costs while nothing happens but telemetry and the looks of its controller. */
async function benchRest({ service }: Stage): Promise<void> {
  const before = await processorSeconds(service);
  await Bun.sleep(restMs);
  const share = ((await processorSeconds(service)) - before) / (restMs / 1_000);
  report('at rest', { shareOfOneCore: share, ...(await memoryMib(service)) });
}

async function benchList({ client }: Stage): Promise<void> {
  for (let made = 0; made < listedPlans; made += 1)
    await client.plans.createPlan({ namespace: 'bench', dryRun: true, budget: { maxMoves: 1n } });
  const taken: number[] = [];
  for (let round = 0; round < listRounds; round += 1) {
    const start = performance.now();
    const first = await client.plans.listPlans({ pageSize: 500 });
    await client.plans.listPlans({ pageSize: 500, cursor: first.nextCursor });
    taken.push(performance.now() - start);
  }
  taken.sort((left, right) => left - right);
  const at = (share: number): number => taken[Math.floor(taken.length * share)] ?? Number.NaN;
  report(`list ${listedPlans} plans`, { p50Ms: at(0.5), p95Ms: at(0.95) });
}

async function processorSeconds({ pid }: MeshProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

async function memoryMib({ pid }: MeshProcess): Promise<{ rssMib: number; peakMib: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const mib = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1_024;
  return { rssMib: mib('VmRSS'), peakMib: mib('VmHWM') };
}

try {
  const large = await startStage('large', [
    ...['--nodes', String(nodes), '--shards', String(shards), '--replicas', '3', '--zones', '5'],
    ...['--peak-to-mean', '1.4', '--seed', '7'],
  ]);
  await benchPlan(large);
  await benchRest(large);
  await benchDeath(large);
  report('memory', await memoryMib(large.service));
  for (const each of running.splice(0).reverse()) await each.stop();
  await benchList(await startStage('small', ['--nodes', '6', '--shards', '36', '--seed', '7']));
  report('machine', { load1: loadavg()[0] ?? Number.NaN });
} finally {
  for (const each of running.reverse()) await each.stop();
  rmSync(folder, { recursive: true, force: true });
}
