import { expect, test } from 'bun:test';
import { createRandom } from '../base/random.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import type { MoverAnswer, MoverCall } from '../ports/shard-mover.ts';
import { createFleetFaults } from './fleet-faults.ts';
import { generateFleet } from './generator.ts';
import { inProcessPorts } from './in-process-ports.ts';
import { createSimulatedFleet } from './simulated-fleet.ts';

const signal = new AbortController().signal;

function setUp(replicas = 3) {
  const clock = createVirtualClock();
  const blueprint = generateFleet({
    seed: 7,
    cluster: 'test',
    namespace: 'orders',
    nodes: 6,
    zones: 3,
    shards: 12,
    replicas,
    profile: 'uniform',
    behaviour: { dailyAmplitude: 0, noise: 0, copyBytesPerSecond: 1e9, drainMs: 200 },
  });
  const fleet = createSimulatedFleet({ blueprint, clock, random: createRandom(1) });
  const faults = createFleetFaults(createRandom(2));
  const { mover, registry } = inProcessPorts(fleet, faults);
  return { clock, fleet, faults, mover, registry };
}

type World = ReturnType<typeof setUp>;

function relocation(world: World, shard = 0, moveKey = 'p1/m00001'): MoverCall {
  const set = world.fleet.registry.replicaSet(shard);
  const replica = set.replicas.at(-1);
  const taken = set.replicas.map((each) => each.node);
  const destination = world.fleet.blueprint.nodes.find((node) => !taken.includes(node.id));
  return {
    moveKey,
    namespace: 'orders',
    shard: set.shard,
    kind: 'relocate',
    replica: replica?.number ?? 0,
    successor: replica?.number ?? 0,
    source: replica?.node ?? '',
    destination: destination?.id ?? '',
    expectedVersion: set.version,
    fencingToken: 1,
    changeTicket: 'CHG-1',
  };
}

function leadership(world: World, shard = 0): MoverCall {
  const { replicas } = world.fleet.registry.replicaSet(shard);
  const [leader, successor] = replicas;
  return {
    ...relocation(world, shard, 'p1/m00002'),
    kind: 'transferLeadership',
    replica: leader?.number ?? 0,
    successor: successor?.number ?? 0,
    source: leader?.node ?? '',
    destination: successor?.node ?? '',
  };
}

async function until(world: World, step: () => Promise<MoverAnswer>): Promise<MoverAnswer> {
  for (let polls = 0; polls < 1_000; polls++) {
    const answer = await step();
    if (answer.kind !== 'inProgress') return answer;
    await world.clock.advance(100);
  }
  throw new Error('the step does not end');
}

async function moved(world: World, call: MoverCall): Promise<MoverAnswer> {
  expect((await until(world, () => world.mover.prepare(call, signal))).kind).toBe('done');
  expect((await until(world, () => world.mover.drain(call, signal))).kind).toBe('done');
  const transferred = await world.mover.transfer(call, signal);
  expect((await world.mover.release(call, signal)).kind).toBe('done');
  return transferred;
}

const codeOf = (answer: MoverAnswer): string =>
  answer.kind === 'refused' ? answer.problem.code : `not refused but ${answer.kind}`;

test('a move takes its replica to the destination, raises the version and is seen by watchers', async () => {
  const world = setUp();
  const call = relocation(world);
  const start = world.fleet.registry.head();
  expect(await moved(world, call)).toEqual({ kind: 'done', version: 2 });
  const set = world.fleet.registry.replicaSet(0);
  expect(set.version).toBe(2);
  expect(set.replicas.find((each) => each.number === call.replica)?.node).toBe(call.destination);
  const stop = new AbortController();
  for await (const change of world.registry.watch('orders', start, stop.signal)) {
    expect(change).toEqual({ position: start + 1, current: set, removed: false });
    stop.abort();
  }
});

test('preparing takes as long as the bytes need, and says how far it is', async () => {
  const world = setUp();
  const call = relocation(world);
  const first = await world.mover.prepare(call, signal);
  if (first.kind !== 'inProgress') throw new Error(first.kind);
  const lasts = (first.bytesTotal / 1e9) * 1_000;
  await world.clock.advance(lasts / 2);
  const half = await world.mover.prepare(call, signal);
  if (half.kind !== 'inProgress') throw new Error(half.kind);
  expect(half.bytesCopied / half.bytesTotal).toBeCloseTo(0.5, 2);
  await world.clock.advance(lasts / 2 + 1);
  expect((await world.mover.prepare(call, signal)).kind).toBe('done');
});

test('until the transfer the source owns the replica', async () => {
  const world = setUp();
  const before = world.fleet.registry.replicaSet(0);
  const call = relocation(world);
  await until(world, () => world.mover.prepare(call, signal));
  await until(world, () => world.mover.drain(call, signal));
  expect(world.fleet.registry.replicaSet(0)).toEqual(before);
  expect(await world.mover.status(call, signal)).toEqual({ kind: 'known', phase: 'drained', version: 1 });
});

test('a transfer on another version changes nothing and says which version there is', async () => {
  const world = setUp();
  const call = relocation(world);
  await until(world, () => world.mover.prepare(call, signal));
  await until(world, () => world.mover.drain(call, signal));
  expect(codeOf(await world.mover.transfer({ ...call, expectedVersion: 9 }, signal))).toBe(
    'MOVE_VERSION_CONFLICT',
  );
  expect(world.fleet.registry.version(0)).toBe(1);
});

test('a call with an older fencing token is refused', async () => {
  const world = setUp();
  await world.mover.prepare({ ...relocation(world), fencingToken: 5 }, signal);
  const stale = { ...relocation(world, 1, 'p1/m00009'), fencingToken: 4 };
  expect(codeOf(await world.mover.prepare(stale, signal))).toBe('LEASE_LOST');
  expect(await world.mover.status(stale, signal)).toEqual({ kind: 'unknownMove' });
});

test('steps out of order are refused', async () => {
  const world = setUp();
  const call = relocation(world);
  expect(codeOf(await world.mover.drain(call, signal))).toBe('MOVE_NOT_FOUND');
  await world.mover.prepare(call, signal);
  expect(codeOf(await world.mover.drain(call, signal))).toBe('MOVE_REFUSED');
  expect(codeOf(await world.mover.transfer(call, signal))).toBe('MOVE_REFUSED');
  expect(codeOf(await world.mover.release(call, signal))).toBe('MOVE_REFUSED');
});

test('a second move of a shard in flight is refused, but may be tried again', async () => {
  const world = setUp();
  await world.mover.prepare(relocation(world), signal);
  const second = await world.mover.prepare(relocation(world, 0, 'p1/m00002'), signal);
  expect(second).toMatchObject({ kind: 'refused', retryable: true, problem: { code: 'MOVE_REFUSED' } });
});

test('a move that nobody has asked about for an hour gives way to another of its shard', async () => {
  const world = setUp();
  const abandoned = relocation(world);
  await world.mover.prepare(abandoned, signal);
  await world.clock.advance(3_600_001);
  expect((await moved(world, relocation(world, 0, 'p1/m00002'))).kind).toBe('done');
  expect(await world.mover.status(abandoned, signal)).toMatchObject({ phase: 'aborted' });
  expect(world.fleet.statistics.read()).toMatchObject({ concurrentMoves: 0, repeatedEffects: 0 });
});

test('aborting frees the shard, and the aborted move stays so', async () => {
  const world = setUp();
  const call = relocation(world);
  await world.mover.prepare(call, signal);
  expect((await world.mover.abort(call, signal)).kind).toBe('done');
  expect(world.fleet.state.holds.size).toBe(0);
  expect(codeOf(await world.mover.prepare(call, signal))).toBe('MOVE_REFUSED');
  expect((await moved(world, relocation(world, 0, 'p1/m00003'))).kind).toBe('done');
});

test('aborting a move that never arrived keeps a late prepare from beginning it', async () => {
  const world = setUp();
  const call = relocation(world);
  expect((await world.mover.abort(call, signal)).kind).toBe('done');
  expect(codeOf(await world.mover.prepare(call, signal))).toBe('MOVE_REFUSED');
});

test('a move that has transferred cannot be aborted', async () => {
  const world = setUp();
  const call = relocation(world);
  await moved(world, call);
  expect(codeOf(await world.mover.abort(call, signal))).toBe('MOVE_REFUSED');
});

test('a replica whose node died is copied from another one', async () => {
  const world = setUp();
  const call = relocation(world);
  world.fleet.controls.kill(call.source);
  expect((await moved(world, call)).kind).toBe('done');
  expect(world.fleet.state.lostToKill.some((lost, row) => lost === 1 && row < 3)).toBe(false);
});

test('a replica without a healthy copy waits for one', async () => {
  const world = setUp(1);
  const call = relocation(world);
  world.fleet.controls.kill(call.source);
  expect(await world.mover.prepare(call, signal)).toMatchObject({ kind: 'refused', retryable: true });
  world.fleet.controls.revive(call.source);
  expect((await moved(world, call)).kind).toBe('done');
});

test('a dead destination is refused for good, before the copy and before the transfer', async () => {
  const world = setUp();
  const call = relocation(world);
  await until(world, () => world.mover.prepare(call, signal));
  await until(world, () => world.mover.drain(call, signal));
  world.fleet.controls.kill(call.destination);
  expect(await world.mover.transfer(call, signal)).toMatchObject({ kind: 'refused', retryable: false });
  await world.mover.abort(call, signal);
  const other = { ...relocation(world, 0, 'p1/m00007'), destination: call.destination };
  expect(await world.mover.prepare(other, signal)).toMatchObject({ kind: 'refused', retryable: false });
});

test('leadership goes to the successor, and the load of leading with it', async () => {
  const world = setUp();
  const call = leadership(world);
  const loadsBefore = world.fleet.loads.nodeLoads.slice();
  expect(await world.mover.transfer(call, signal)).toEqual({ kind: 'done', version: 2 });
  expect(world.fleet.registry.replicaSet(0).replicas.map((each) => each.leads)).toEqual([false, true, false]);
  const node = world.fleet.state.nodeIndex.get(call.destination) ?? -1;
  expect(world.fleet.loads.nodeLoads[node * 4] ?? 0).toBeGreaterThan(loadsBefore[node * 4] ?? 0);
  expect(await world.mover.transfer(call, signal)).toEqual({ kind: 'done', version: 2 });
  expect(world.fleet.statistics.read().repeatedEffects).toBe(0);
});

test('while a copy is kept on both sides, both sides hold its transient load', async () => {
  const world = setUp();
  const call = relocation(world);
  const node = world.fleet.state.nodeIndex.get(call.destination) ?? -1;
  const disk = node * 4 + 2;
  const before = world.fleet.loads.nodeLoads[disk] ?? 0;
  await world.mover.prepare(call, signal);
  expect(world.fleet.loads.nodeLoads[disk] ?? 0).toBeGreaterThan(before);
  await world.mover.abort(call, signal);
  expect(world.fleet.loads.nodeLoads[disk] ?? 0).toBeCloseTo(before, 9);
});

test('the statistics count concurrent moves and every step that took effect', async () => {
  const world = setUp();
  const [first, second] = [relocation(world, 0, 'p1/a'), relocation(world, 1, 'p1/b')];
  await world.mover.prepare(first, signal);
  await world.mover.prepare(second, signal);
  await moved(world, first);
  await moved(world, second);
  const counters = world.fleet.statistics.read();
  expect(counters.maxConcurrentMoves).toBe(2);
  expect(counters.concurrentMoves).toBe(0);
  expect(counters.moves.get('p1/a')).toMatchObject({
    prepares: 1,
    drains: 1,
    transfers: 1,
    releases: 1,
    aborts: 0,
  });
  expect(counters.minHealthyReplicas).toBe(3);
});

test('a killed node does not count against the plan, until its replicas are somewhere else', () => {
  const world = setUp();
  const node = world.fleet.registry.replicaSet(0).replicas[0]?.node ?? '';
  world.fleet.controls.kill(node);
  expect(world.fleet.statistics.read()).toMatchObject({ minHealthyReplicas: 3, minAliveReplicas: 2 });
});
