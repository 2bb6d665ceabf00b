import { createClient, createRouterTransport, type Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { createPushHub, type PushHub } from '../src/adapters/telemetry-push/push-hub.ts';
import type { ApiDeps } from '../src/api/api-deps.ts';
import { createRateLimiter, defaultRateLimit } from '../src/api/rate-limiter.ts';
import { createRoutes } from '../src/api/routes.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { grantEach } from '../src/domain/principal.ts';
import type { LoadBatch, ReplicaSet } from '../src/domain/telemetry-sample.ts';
import { TelemetryService } from '../src/gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import type { PushedBatch } from '../src/ports/telemetry-intake.ts';
import { createFleetTelemetry } from '../src/telemetry/fleet-telemetry.ts';
import { listenPlainly } from '../src/transport/plain-listener.ts';
import { loadsToMessage, originToMessage, shardsToMessage } from '../src/wire/telemetry-codec.ts';

/**
 * How many pushed samples per second are taken, as far as ingest's columns: by the hub alone, through the API without a
 * socket, and over gRPC (h2c, loopback), where the client that encodes shares the core. A load sample is a replica with
 * three dimensions. Prints one JSON object per line.
 */
const shardTotal = 40_000;
const perShard = 3;
const rowsPerBatch = 6_000;
const rounds = Number(process.argv[2] ?? 6);
const dimensions = ['cpu', 'memory', 'requests'].map((name) => ({ name, unit: '1' }));
const namespace = 'bench';
const ids = Array.from({ length: shardTotal }, (_, s) => `s${String(s).padStart(7, '0')}`);

function setsOf(version: number): ReplicaSet[] {
  return ids.map((shard, s) => ({
    namespace,
    shard,
    version,
    status: 'active',
    group: '',
    updatedAt: version,
    replicas: Array.from({ length: perShard }, (_, number) => ({
      number,
      node: `n${(s * 7 + number * 331) % 1_000}`,
      leads: number === 0,
      bytes: 1e9,
    })),
  }));
}

function loadsAt(observedAt: number): LoadBatch[] {
  const batches: LoadBatch[] = [];
  for (let first = 0; first < shardTotal * perShard; first += rowsPerBatch) {
    const rows = Array.from(
      { length: Math.min(rowsPerBatch, shardTotal * perShard - first) },
      (_, i) => first + i,
    );
    batches.push({
      namespace,
      observedAt,
      dimensions,
      shards: rows.map((row) => ids[Math.floor(row / perShard)] ?? ''),
      replicas: Int32Array.from(rows, (row) => row % perShard),
      loads: Float64Array.from({ length: rows.length * dimensions.length }, (_, i) => i / 7),
    });
  }
  return batches;
}

const shardBatches = Array.from({ length: rounds }, (_, round) => {
  const sets = setsOf(round + 1);
  return Array.from({ length: shardTotal / 2_000 }, (_, i) => sets.slice(i * 2_000, (i + 1) * 2_000));
}).flat();
const start = systemClock.now() - rounds * 100;
const loadBatches = Array.from({ length: rounds }, (_, round) => loadsAt(start + round * 100)).flat();
const samples = { shards: shardTotal * rounds, loads: shardTotal * perShard * rounds };
let incarnation = 0;

function pushedShards(batch: readonly ReplicaSet[], index: number): PushedBatch {
  const listing = { firstSequence: 1, lastSequence: shardTotal / 2_000 };
  const part = index < listing.lastSequence ? { listing } : {};
  return {
    origin: { principal: 'bench', source: 'agent', incarnation, sequence: index + 1 },
    samples: { kind: 'shards', namespace, shards: batch, removed: [], ...part },
    unreadable: 0,
  };
}

function pushedLoads(loads: LoadBatch, index: number): PushedBatch {
  const origin = { principal: 'bench', source: 'agent', incarnation, sequence: index + 1 };
  return { origin, samples: { kind: 'loads', namespace, loads }, unreadable: 0 };
}

/** A hub that is read as ingest reads it. */
function openHub(): { hub: PushHub; done: () => Promise<void> } {
  const stop = new AbortController();
  const hub = createPushHub({ namespaces: [namespace], clock: systemClock });
  const telemetry = createFleetTelemetry({ cluster: 'bench', namespace, clock: systemClock });
  const reading = (async () => {
    let position = 0;
    telemetry.beginShardListing();
    for await (const page of hub.registry.list(namespace, stop.signal)) {
      telemetry.acceptShardPage(page);
      position = page.position;
    }
    telemetry.endShardListing();
    await Promise.all([
      (async () => {
        for await (const change of hub.registry.watch(namespace, position, stop.signal))
          telemetry.acceptShardChange(change);
      })(),
      (async () => {
        for await (const batch of hub.loads.watch(namespace, stop.signal)) telemetry.acceptLoads(batch);
      })(),
    ]);
  })();
  return {
    hub,
    async done() {
      stop.abort();
      await reading.catch((error: unknown) => console.error(String(error)));
    },
  };
}

/** Wall time, and the processor's, which tells more on a machine that does other things as well. */
async function timed(name: string, count: number, action: () => Promise<void>): Promise<void> {
  const began = systemClock.monotonic();
  const cpuBefore = process.cpuUsage();
  await action();
  const ms = systemClock.monotonic() - began;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuMs = Math.round((cpu.user + cpu.system) / 1_000);
  const perSecond = Math.round((count * 1_000) / ms);
  console.log(JSON.stringify({ name, samples: count, ms: Math.round(ms), cpuMs, perSecond }));
}

async function takeAll(hub: PushHub, batches: readonly PushedBatch[]): Promise<void> {
  const { signal } = new AbortController();
  for (const batch of batches) {
    const taken = await hub.push(batch, signal);
    if (!taken.ok) throw new Error(taken.error.problem.message);
  }
}

async function overTransport(name: string, transport: Transport): Promise<void> {
  incarnation++;
  const client = createClient(TelemetryService, transport);
  const origin = (index: number) => originToMessage({ source: 'agent', incarnation, sequence: index + 1 });
  const shards = shardBatches.map((batch, index) => {
    const { samples: of } = pushedShards(batch, index);
    if (of.kind !== 'shards') throw new Error('not shards');
    return { batch: shardsToMessage(origin(index), of) };
  });
  const loads = loadBatches.map((batch, index) => ({ batch: loadsToMessage(origin(index), batch) }));
  await timed(`shards, ${name}`, samples.shards, async () => {
    await client.pushShards(
      (async function* () {
        yield* shards;
      })(),
    );
  });
  await timed(`loads, ${name}`, samples.loads, async () => {
    const { acknowledgement } = await client.pushLoads(
      (async function* () {
        yield* loads;
      })(),
    );
    if (Number(acknowledgement?.accepted) !== samples.loads) throw new Error('not all were taken');
  });
}

function routesOf(hub: PushHub): ReturnType<typeof createRoutes> {
  const authenticator: ApiDeps['authenticator'] = {
    authenticate: async () => ({
      ok: true,
      value: { id: 'bench', groups: [], grants: grantEach(['mesh.telemetry']) },
    }),
  };
  // Nothing but telemetry is asked for.
  const rateLimiter = createRateLimiter(defaultRateLimit, systemClock);
  const others = { rateLimiter, log: silentLog, clock: systemClock, rebalancer: {} };
  const deps = { telemetry: hub, authenticator, ...others };
  return createRoutes(deps as unknown as ApiDeps);
}

{
  incarnation++;
  const { hub, done } = openHub();
  const shards = shardBatches.map(pushedShards);
  const loads = loadBatches.map(pushedLoads);
  await timed('shards, hub', samples.shards, () => takeAll(hub, shards));
  await timed('loads, hub', samples.loads, () => takeAll(hub, loads));
  await done();
}
{
  const { hub, done } = openHub();
  await overTransport('in process', createRouterTransport(routesOf(hub)));
  await done();
}
{
  const { hub, done } = openHub();
  const listening = await listenPlainly({
    host: '127.0.0.1',
    port: 0,
    dev: true,
    log: silentLog,
    routes: routesOf(hub),
  });
  if (!listening.ok) throw new Error(listening.error.message);
  await overTransport('gRPC over h2c', createGrpcTransport({ baseUrl: listening.value.url }));
  await done();
  await listening.value.close();
}
process.exit(0);
