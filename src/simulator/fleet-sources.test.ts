import { expect, test } from 'bun:test';
import { createRandom } from '../base/random.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import type { BackpressureSample, LoadBatch, PeerSample, ShardChange } from '../domain/telemetry-sample.ts';
import type { FleetBehaviour } from './fleet-blueprint.ts';
import { createFleetFaults, type FaultSettings, noFaults } from './fleet-faults.ts';
import { generateFleet } from './generator.ts';
import { inProcessPorts } from './in-process-ports.ts';
import { createSimulatedFleet } from './simulated-fleet.ts';

interface Setting {
  readonly behaviour?: Partial<FleetBehaviour>;
  readonly faults?: Partial<FaultSettings>;
  readonly timeScale?: number;
  readonly shards?: number;
  readonly nodes?: number;
}

function setUp(setting: Setting = {}) {
  const clock = createVirtualClock();
  const blueprint = generateFleet({
    seed: 11,
    cluster: 'test',
    namespace: 'orders',
    nodes: setting.nodes ?? 6,
    zones: 3,
    shards: setting.shards ?? 30,
    replicas: 3,
    profile: 'lognormal',
    behaviour: setting.behaviour ?? {},
  });
  const timeScale = setting.timeScale ?? 1;
  const fleet = createSimulatedFleet({ blueprint, clock, random: createRandom(5), timeScale });
  const faults = createFleetFaults(createRandom(6), { ...noFaults, ...setting.faults });
  return { clock, fleet, ports: inProcessPorts(fleet, faults) };
}

/** Everything that a stream delivers while `ms` of the clock pass. */
async function collect<T>(
  clock: VirtualClock,
  ms: number,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): Promise<T[]> {
  const stop = new AbortController();
  const got: T[] = [];
  const reading = (async () => {
    for await (const item of open(stop.signal)) got.push(item);
  })();
  await Promise.all([reading, clock.advance(ms).then(() => stop.abort())]);
  return got;
}

const loadsFor = (world: ReturnType<typeof setUp>, ms: number): Promise<LoadBatch[]> =>
  collect(world.clock, ms, (signal) => world.ports.loads.watch('orders', signal));
const peersFor = (world: ReturnType<typeof setUp>, ms: number): Promise<(readonly PeerSample[])[]> =>
  collect(world.clock, ms, (signal) => world.ports.peers.watch(signal));
const queuesFor = (world: ReturnType<typeof setUp>, ms: number): Promise<(readonly BackpressureSample[])[]> =>
  collect(world.clock, ms, (signal) => world.ports.backpressure.watch(signal));

test('the same seed gives the same telemetry, down to the last bit', async () => {
  expect(await loadsFor(setUp(), 20_000)).toEqual(await loadsFor(setUp(), 20_000));
  expect(await peersFor(setUp(), 5_000)).toEqual(await peersFor(setUp(), 5_000));
});

test('loads come in full at once and again with every interval, and leave no timer behind', async () => {
  const world = setUp({ behaviour: { loadIntervalMs: 5_000 } });
  const batches = await loadsFor(world, 12_000);
  expect(batches.map((batch) => batch.shards.length)).toEqual([90, 90, 90]);
  expect(world.clock.pendingTimers()).toBe(0);
});

test('batches are bounded, however large the fleet is', async () => {
  const batches = await loadsFor(setUp({ shards: 4_000 }), 1);
  expect(batches.map((batch) => batch.shards.length)).toEqual([5_000, 5_000, 2_000]);
});

test('loads follow the time of day, those at rest do not', async () => {
  const world = setUp({
    behaviour: { dailyAmplitude: 0.5, noise: 0, dayMs: 40_000, loadIntervalMs: 10_000 },
  });
  const [first, , third] = await loadsFor(world, 21_000);
  const ratio = (dimension: number): number =>
    (third?.loads[dimension] ?? 0) / (first?.loads[dimension] ?? 1);
  expect(Math.abs(ratio(0) - 1)).toBeGreaterThan(0.01);
  expect(ratio(1)).toBe(1);
});

test('a dead node is suspected, then dead, and its replicas and queues fall silent', async () => {
  const world = setUp({ behaviour: { suspectAfterMs: 1_000, deadAfterMs: 3_000, gossipIntervalMs: 1_000 } });
  world.fleet.controls.kill('n0000');
  const rounds = await peersFor(world, 4_500);
  const statuses = rounds.map((round) => round.find((peer) => peer.node === 'n0000')?.status);
  expect(statuses).toEqual(['alive', 'suspect', 'suspect', 'dead', 'dead']);
  const [queues] = await queuesFor(world, 1);
  expect(queues?.some((queue) => queue.node === 'n0000')).toBe(false);
  const [loads] = await loadsFor(world, 1);
  expect(loads?.shards.length).toBe(90 - (world.fleet.state.nodeReplicas[0] ?? 0));
});

test('a follower takes over when the leader is taken for dead, and watchers see it', async () => {
  const world = setUp();
  const position = world.fleet.registry.head();
  const leader = world.fleet.registry.replicaSet(0).replicas[0]?.node ?? '';
  world.fleet.controls.kill(leader);
  const changes: ShardChange[] = await collect(world.clock, 5_000, (signal) =>
    world.ports.registry.watch('orders', position, signal),
  );
  const change = changes.find((each) => each.current.shard === world.fleet.registry.replicaSet(0).shard);
  expect(change?.current.version).toBe(2);
  expect(change?.current.replicas.map((each) => each.leads)).toEqual([false, true, false]);
  expect(changes.map((each) => each.position)).toEqual(changes.map((_, index) => position + 1 + index));
});

test('watching from a position that is not retained throws its problem', async () => {
  const world = setUp();
  const reading = collect(world.clock, 1, (signal) => world.ports.registry.watch('orders', 5, signal));
  await expect(reading).rejects.toThrow('the registry retains changes');
});

test('a listing has every shard in bounded pages with the position where it began', async () => {
  const world = setUp({ shards: 2_500 });
  const pages = [];
  for await (const page of world.ports.registry.list('orders', new AbortController().signal))
    pages.push(page);
  expect(pages.map((page) => page.shards.length)).toEqual([1_000, 1_000, 500]);
  expect(new Set(pages.map((page) => page.position))).toEqual(new Set([world.fleet.registry.head()]));
});

test('backpressure starts at the high watermark and ends at the low one, not between', async () => {
  const world = setUp({ behaviour: { backpressureIntervalMs: 100, dailyAmplitude: 0, noise: 0 } });
  world.fleet.controls.queueBacklog('n0001', 900);
  const isActive = async (): Promise<boolean | undefined> =>
    (await queuesFor(world, 1))[0]?.find((queue) => queue.node === 'n0001')?.isActive;
  expect(await isActive()).toBe(false);
  world.fleet.controls.queueBacklog('n0001', 1_500);
  expect(await isActive()).toBe(true);
  const samples = (await queuesFor(world, 5_000)).map((round) =>
    round.find((queue) => queue.node === 'n0001'),
  );
  const ended = samples.findIndex((sample) => sample?.isActive === false);
  expect(samples[ended]?.pendingCount ?? 999).toBeLessThanOrEqual(500);
  expect(samples[ended - 1]?.pendingCount ?? 0).toBeGreaterThan(500);
});

test('latency and errors rise with utilisation', async () => {
  const world = setUp({ behaviour: { dailyAmplitude: 0, noise: 0 } });
  const before = await peersFor(world, 1);
  world.fleet.controls.hotSpot({ nodes: ['n0002'] }, 20);
  const after = await peersFor(world, 1);
  const signalOf = (rounds: typeof before, name: string): number =>
    rounds[0]?.find((peer) => peer.node === 'n0002')?.signals[name] ?? Number.NaN;
  expect(signalOf(after, 'latency_p99_ms')).toBeGreaterThan(signalOf(before, 'latency_p99_ms') * 2);
  expect(signalOf(before, 'error_rate')).toBe(0);
  expect(signalOf(after, 'error_rate')).toBeGreaterThan(0.1);
});

test('a burst ends by itself', async () => {
  const world = setUp({ behaviour: { dailyAmplitude: 0, noise: 0 } });
  const total = (): number => {
    world.fleet.refresh();
    return world.fleet.loads.nodeLoads.reduce((sum, load) => sum + load, 0);
  };
  const before = total();
  world.fleet.controls.burst({ prefix: 's00000' }, 5, 10_000);
  expect(total()).toBeGreaterThan(before * 1.1);
  await world.clock.advance(10_001);
  expect(total()).toBeCloseTo(before, 6);
});

test('a fleet whose time runs ten times as fast detects a death in a tenth of the time, in honest stamps', async () => {
  const world = setUp({ timeScale: 10, behaviour: { deadAfterMs: 3_000, gossipIntervalMs: 100 } });
  world.fleet.controls.kill('n0000');
  const rounds = await peersFor(world, 350);
  const last = rounds.at(-1)?.find((peer) => peer.node === 'n0000');
  expect(last?.status).toBe('dead');
  expect(last?.observedAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(world.clock.now());
});

test('clocks that are wrong are wrong by a constant, within the bound', async () => {
  const world = setUp({ faults: { clockSkewMs: 2_000 } });
  const start = world.clock.now();
  const [round] = await peersFor(world, 1);
  const skews = round?.map((peer) => peer.observedAt - start) ?? [];
  expect(new Set(skews).size).toBe(6);
  expect(skews.every((skew) => Math.abs(skew) <= 2_000)).toBe(true);
});

test('repeated and late batches come, and none is lost but one that is still late', async () => {
  const world = setUp({ faults: { repeatSampleShare: 0.3, lateSampleShare: 0.3 } });
  const rounds = await peersFor(world, 60_500);
  const order = rounds.map((round) => round[0]?.sequence ?? 0);
  expect(new Set(order).size).toBeGreaterThanOrEqual(60);
  expect(order.length).toBeGreaterThan(new Set(order).size);
  expect(order.some((sequence, index) => sequence < (order[index - 1] ?? 0))).toBe(true);
});

test('an unknown namespace is a problem', async () => {
  const world = setUp();
  const reading = collect(world.clock, 1, (signal) => world.ports.loads.watch('nobody', signal));
  await expect(reading).rejects.toThrow('not nobody');
});
