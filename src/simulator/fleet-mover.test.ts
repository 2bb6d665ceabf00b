import { expect, test } from 'bun:test';
import { createRandom } from '../base/random.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import type { MoverAnswer, MoverCall } from '../ports/shard-mover.ts';
import { createFleetFaults, type FaultSettings, noFaults } from './fleet-faults.ts';
import { createFleetMover } from './fleet-mover.ts';
import { generateFleet } from './generator.ts';
import { createSimulatedFleet } from './simulated-fleet.ts';

const signal = new AbortController().signal;

function setUp(settings: Partial<FaultSettings>, timeScale = 1) {
  const clock = createVirtualClock();
  const blueprint = generateFleet({
    seed: 4,
    cluster: 'test',
    namespace: 'orders',
    nodes: 5,
    zones: 1,
    shards: 40,
    replicas: 2,
    profile: 'uniform',
  });
  const fleet = createSimulatedFleet({ blueprint, clock, random: createRandom(1), timeScale });
  const faults = createFleetFaults(createRandom(2), { ...noFaults, ...settings });
  return { clock, fleet, mover: createFleetMover(fleet, faults) };
}

function callOf(world: ReturnType<typeof setUp>, shard = 0): MoverCall {
  const set = world.fleet.registry.replicaSet(shard);
  const taken = set.replicas.map((each) => each.node);
  return {
    moveKey: `p1/m${shard}`,
    namespace: 'orders',
    shard: set.shard,
    kind: 'relocate',
    replica: 0,
    successor: 0,
    source: set.replicas[0]?.node ?? '',
    destination: world.fleet.blueprint.nodes.find((node) => !taken.includes(node.id))?.id ?? '',
    expectedVersion: set.version,
    fencingToken: 1,
    changeTicket: '',
  };
}

test('a call that never arrives changes nothing', async () => {
  const world = setUp({ dropRequestShare: 1 });
  expect((await world.mover.prepare(callOf(world), signal)).kind).toBe('unreachable');
  expect(world.fleet.statistics.read()).toMatchObject({ concurrentMoves: 0 });
  expect((await world.mover.status(callOf(world), signal)).kind).toBe('unreachable');
});

test('a call whose answer is lost was carried out', async () => {
  const world = setUp({ dropAnswerShare: 1 });
  expect((await world.mover.prepare(callOf(world), signal)).kind).toBe('unreachable');
  expect(await world.mover.status(callOf(world), signal)).toMatchObject({ phase: 'preparing' });
});

test('a call that arrives twice takes effect once', async () => {
  const world = setUp({ duplicateShare: 1 });
  await world.mover.prepare(callOf(world), signal);
  expect(world.fleet.statistics.read().moves.get('p1/m0')).toMatchObject({ prepares: 1, calls: 2 });
});

test("an answer that is late comes late in the fleet's time", async () => {
  const world = setUp({ delayShare: 1, delayMs: 1_000 }, 10);
  let answer: MoverAnswer | undefined;
  const waiting = world.mover.prepare(callOf(world), signal).then((got) => {
    answer = got;
  });
  await world.clock.advance(99);
  expect(answer).toBeUndefined();
  await world.clock.advance(1);
  await waiting;
  expect(answer?.kind).toBe('inProgress');
});

test('a caller that gives up while the answer is late does not know what happened', async () => {
  const world = setUp({ delayShare: 1, delayMs: 1_000 });
  const stop = new AbortController();
  const waiting = world.mover.prepare(callOf(world), stop.signal);
  stop.abort();
  expect((await waiting).kind).toBe('unreachable');
  expect(world.clock.pendingTimers()).toBe(0);
});

test('a step is refused for the share of moves that was asked for, for good', async () => {
  const world = setUp({ refuseStep: 'prepare', refuseShare: 0.5 });
  const kinds: string[] = [];
  for (let shard = 0; shard < 40; shard++) {
    const first = await world.mover.prepare(callOf(world, shard), signal);
    const again = await world.mover.prepare(callOf(world, shard), signal);
    expect(again.kind).toBe(first.kind);
    kinds.push(first.kind);
  }
  const refusals = kinds.filter((kind) => kind === 'refused').length;
  expect(refusals).toBeGreaterThan(10);
  expect(refusals).toBeLessThan(30);
});

test('a refusal that may be tried again comes once for each move', async () => {
  const world = setUp({ refuseStep: 'prepare', refuseShare: 1, refuseRetryable: true });
  expect(await world.mover.prepare(callOf(world), signal)).toMatchObject({
    kind: 'refused',
    retryable: true,
  });
  expect((await world.mover.prepare(callOf(world), signal)).kind).toBe('inProgress');
});

test('stalled copies make no progress however long one waits', async () => {
  const world = setUp({ stallPrepares: true });
  await world.mover.prepare(callOf(world), signal);
  await world.clock.advance(600_000);
  expect(await world.mover.prepare(callOf(world), signal)).toMatchObject({
    kind: 'inProgress',
    bytesCopied: 0,
  });
});
