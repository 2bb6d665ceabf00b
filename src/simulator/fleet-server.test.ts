import { afterAll, beforeAll, expect, test } from 'bun:test';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { type Clock, systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { createRandom } from '../base/random.ts';
import { BackpressureService } from '../gen/meshkit/backpressure/v1/backpressure_pb.ts';
import { PeerHealthService } from '../gen/meshkit/peers/v1/peer_health_pb.ts';
import { ReplicaSetService } from '../gen/meshkit/shards/v1/replica_set_pb.ts';
import { MoveKind, ShardMovementService } from '../gen/meshkit/shards/v1/shard_movement_pb.ts';
import { FleetSimulatorService } from '../gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { ShardControlService } from '../gen/omnirelay/mesh/control/v1/shard_control_pb.ts';
import { decodeBackpressure } from '../wire/fleet/backpressure-codec.ts';
import { decodeLoadBatch } from '../wire/fleet/load-codec.ts';
import { decodeMoverAnswer, decodeMoverStatus } from '../wire/fleet/mover-codec.ts';
import { decodePeer } from '../wire/fleet/peer-codec.ts';
import { decodeReplicaSet } from '../wire/fleet/replica-set-codec.ts';
import { createFleetFaults } from './fleet-faults.ts';
import { type FleetServer, startFleetServer } from './fleet-server.ts';
import { generateFleet } from './generator.ts';
import { createSimulatedFleet, type SimulatedFleet } from './simulated-fleet.ts';

let fleet: SimulatedFleet;
let server: FleetServer;
let transport: Transport;
let shutdowns = 0;
/** Waits of the fleet's streams: one each while it is open. */
let waits = 0;

const countingClock: Clock = {
  ...systemClock,
  async sleep(ms, signal) {
    waits++;
    await systemClock.sleep(ms, signal);
    waits--;
  },
};

beforeAll(async () => {
  const behaviour = { copyBytesPerSecond: 1e15, drainMs: 0, dailyAmplitude: 0, noise: 0 };
  fleet = createSimulatedFleet({
    blueprint: generateFleet({
      seed: 3,
      cluster: 'test',
      namespace: 'orders',
      nodes: 8,
      zones: 2,
      shards: 40,
      replicas: 2,
      profile: 'uniform',
      behaviour,
    }),
    clock: countingClock,
    random: createRandom(1),
  });
  const started = await startFleetServer({
    host: '127.0.0.1',
    port: 0,
    fleet,
    faults: createFleetFaults(createRandom(2)),
    clock: systemClock,
    log: silentLog,
    onShutdown: () => shutdowns++,
  });
  if (!started.ok) throw new Error(started.error.message);
  server = started.value;
  transport = createGrpcTransport({ baseUrl: server.url });
});

afterAll(() => server.close());

/** Leaving the loop does not end a stream of this client; aborting its signal does. */
async function firstOf<T>(open: (options: { signal: AbortSignal }) => AsyncIterable<T>): Promise<T> {
  const stop = new AbortController();
  try {
    for await (const message of open({ signal: stop.signal })) return message;
  } finally {
    stop.abort();
  }
  throw new Error('the stream ended without a message');
}

async function codeOf(call: Promise<unknown>): Promise<Code> {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error).code;
  }
  throw new Error('the call did not fail');
}

test('shards are listed page by page, in order and complete', async () => {
  const client = createClient(ShardControlService, transport);
  const ids: string[] = [];
  let cursor = '';
  do {
    const page = await client.list({ namespace: 'orders', pageSize: 15, cursor });
    ids.push(...page.shards.map((each) => each.shardId));
    cursor = page.nextCursor;
  } while (cursor !== '');
  expect(ids).toEqual([...fleet.blueprint.shards.ids]);
});

test('a listing filters by owner and by text', async () => {
  const client = createClient(ShardControlService, transport);
  const all = await client.list({ pageSize: 1_000 });
  const owner = all.shards[0]?.ownerNodeId ?? '';
  const owned = await client.list({ ownerNodeId: owner, pageSize: 1_000 });
  expect(owned.shards.map((each) => each.shardId)).toEqual(
    all.shards.filter((each) => each.ownerNodeId === owner).map((each) => each.shardId),
  );
  const found = await client.list({ search: 'S00001', pageSize: 1_000 });
  expect(found.shards.map((each) => each.shardId)).toEqual(
    all.shards.slice(10, 20).map((each) => each.shardId),
  );
});

test('a broken cursor and an unknown namespace are told apart', async () => {
  const client = createClient(ShardControlService, transport);
  expect(await codeOf(client.list({ cursor: 'nonsense' }))).toBe(Code.InvalidArgument);
  expect(await codeOf(client.list({ namespace: 'nobody' }))).toBe(Code.NotFound);
});

test('a move over the wire transfers ownership, and watch, diff and replica sets show it', async () => {
  const sets = createClient(ReplicaSetService, transport);
  const page = await sets.listReplicaSets({ namespace: 'orders', pageSize: 1 });
  const set = page.replicaSets[0];
  const leader = set?.replicas[0];
  if (!set || !leader) throw new Error('the fleet is empty');
  const taken = set.replicas.map((each) => each.node);
  const destination = fleet.blueprint.nodes.find((node) => !taken.includes(node.id))?.id ?? '';
  const call = {
    moveKey: 'p1/m00001',
    namespace: 'orders',
    shard: set.shard,
    kind: MoveKind.RELOCATE,
    replica: leader.number,
    successor: leader.number,
    source: leader.node,
    destination,
    expectedVersion: set.version,
    fencingToken: 1n,
    changeTicket: 'CHG-7',
  };
  const mover = createClient(ShardMovementService, transport);
  expect(decodeMoverStatus(await mover.status({ call })).kind).toBe('unknownMove');
  const prepared = async (): Promise<string> =>
    decodeMoverAnswer((await mover.prepare({ call })).outcome).kind;
  while ((await prepared()) === 'inProgress');
  expect(decodeMoverAnswer((await mover.drain({ call })).outcome).kind).toBe('done');
  expect(decodeMoverAnswer((await mover.transfer({ call })).outcome)).toEqual({ kind: 'done', version: 2 });
  expect(decodeMoverAnswer((await mover.release({ call })).outcome).kind).toBe('done');
  expect(decodeMoverStatus(await mover.status({ call }))).toEqual({
    kind: 'known',
    phase: 'released',
    version: 2,
  });

  const changed = await firstOf((options) =>
    sets.watchReplicaSets({ namespace: 'orders', resumePosition: page.position }, options),
  );
  expect(changed.changes[0]?.current?.replicas[0]?.node).toBe(destination);
  const control = createClient(ShardControlService, transport);
  const watched = await firstOf((options) =>
    control.watch({ namespace: 'orders', resumeToken: page.position }, options),
  );
  expect(watched.history).toMatchObject({ changeTicket: 'CHG-7', previousOwnerNodeId: leader.node });
  const diff = await control.diff({ namespace: 'orders', fromToken: page.position });
  expect(diff.diffs.map((each) => each.current?.ownerNodeId)).toEqual([destination]);
  const whole = await control.diff({});
  expect(whole.diffs.length).toBeGreaterThanOrEqual(1);
  expect(whole.lastPosition).toBe(BigInt(fleet.registry.head()));
  const one = await sets.getReplicaSet({ namespace: 'orders', shard: set.shard });
  expect(one.replicaSet && decodeReplicaSet(one.replicaSet)).toEqual({
    ok: true,
    value: fleet.registry.replicaSet(0),
  });
});

test('a refusal keeps its code and says whether to try again', async () => {
  const mover = createClient(ShardMovementService, transport);
  const call = {
    moveKey: 'p2/m1',
    namespace: 'orders',
    shard: 'gone',
    kind: MoveKind.RELOCATE,
    fencingToken: 1n,
  };
  expect(decodeMoverAnswer((await mover.prepare({ call })).outcome)).toMatchObject({
    kind: 'refused',
    retryable: false,
    problem: { code: 'SHARD_NOT_FOUND', subject: 'shard/gone' },
  });
  expect(await codeOf(mover.prepare({}))).toBe(Code.InvalidArgument);
});

test('a resume position that is not retained is out of range', async () => {
  const sets = createClient(ReplicaSetService, transport);
  const watched = firstOf((options) =>
    sets.watchReplicaSets({ namespace: 'orders', resumePosition: 1n }, options),
  );
  expect(await codeOf(watched)).toBe(Code.OutOfRange);
});

test('loads, peers and queues arrive in full at once', async () => {
  const loads = decodeLoadBatch(
    await firstOf((options) =>
      createClient(ReplicaSetService, transport).watchLoads({ namespace: 'orders' }, options),
    ),
  );
  expect(loads.ok && loads.value.shards.length).toBe(80);
  expect(loads.ok && loads.value.loads.length).toBe(320);
  const peers = await firstOf((options) =>
    createClient(PeerHealthService, transport).watchPeers({}, options),
  );
  expect(peers.peers.map(decodePeer).filter((each) => each.ok).length).toBe(8);
  const queues = await firstOf((options) =>
    createClient(BackpressureService, transport).watchBackpressure({}, options),
  );
  expect(queues.signals.map(decodeBackpressure)[0]).toMatchObject({
    ok: true,
    value: { highWatermark: 1_000, lowWatermark: 500, isActive: false },
  });
});

test('a stream ends on the server when its client goes away', async () => {
  while (waits > 0) await systemClock.sleep(5);
  const stop = new AbortController();
  const sets = createClient(ReplicaSetService, transport);
  const streams = [
    sets.watchLoads({ namespace: 'orders' }, { signal: stop.signal }),
    sets.watchReplicaSets(
      { namespace: 'orders', resumePosition: BigInt(fleet.registry.head()) },
      { signal: stop.signal },
    ),
    createClient(PeerHealthService, transport).watchPeers({}, { signal: stop.signal }),
    createClient(BackpressureService, transport).watchBackpressure({}, { signal: stop.signal }),
  ];
  const readers = streams.map(async (stream) => {
    for await (const _ of stream);
  });
  const ended = Promise.allSettled(readers);
  while (waits < 4) await systemClock.sleep(5);
  stop.abort();
  await ended;
  while (waits > 0) await systemClock.sleep(5);
  expect(waits).toBe(0);
});

test('a simulated placement covers every shard and says what it would change', async () => {
  const client = createClient(ShardControlService, transport);
  const nodes = [
    { nodeId: 'a', weight: 1, region: 'r', zone: 'z' },
    { nodeId: 'b', weight: 3 },
  ];
  const answer = await client.simulate({ namespace: 'orders', strategyId: 'rendezvous', nodes });
  expect(answer.assignments.length).toBe(40);
  expect(answer.changes.every((each) => each.changesOwner)).toBe(true);
  const onB = answer.assignments.filter((each) => each.ownerNodeId === 'b').length;
  expect(onB).toBeGreaterThan(20);
  expect(
    await codeOf(client.simulate({ namespace: 'orders', nodes: [{ nodeId: 'a' }, { nodeId: 'a' }] })),
  ).toBe(Code.InvalidArgument);
});

test('faults that are injected lose answers, and the statistics show them', async () => {
  const simulator = createClient(FleetSimulatorService, transport);
  await simulator.resetStatistics({});
  await simulator.injectFault({ dropAnswerShare: 1 });
  const mover = createClient(ShardMovementService, transport);
  const call = {
    moveKey: 'p3/m1',
    namespace: 'orders',
    shard: 's000001',
    kind: MoveKind.RELOCATE,
    fencingToken: 1n,
  };
  expect(await codeOf(mover.prepare({ call }))).toBe(Code.Unavailable);
  await simulator.injectFault({});
  expect((await simulator.getFleet({})).moverAnswers).toMatchObject({ droppedAnswer: 1n });
  expect(await codeOf(simulator.injectFault({ dropAnswerShare: 2 }))).toBe(Code.InvalidArgument);
});

test('the simulator kills, revives, heats, slows and exports', async () => {
  const simulator = createClient(FleetSimulatorService, transport);
  const before = await simulator.getFleet({ withNodes: true });
  const node = before.nodeStates[0]?.node ?? '';
  expect((await simulator.killNode({ node })).replicas).toBe(before.nodeStates[0]?.replicas ?? -1);
  expect((await simulator.getFleet({})).aliveNodes).toBe(7);
  await simulator.reviveNode({ node });
  expect((await simulator.getFleet({})).aliveNodes).toBe(8);
  expect((await simulator.setHotSpot({ select: { prefix: 's00000' }, factor: 3 })).shards).toBe(10);
  const hot = (await simulator.getFleet({})).dimensions[0];
  expect(hot?.totalLoad ?? 0).toBeGreaterThan(before.dimensions[0]?.totalLoad ?? 0);
  await simulator.slowNode({ node, latencyFactor: 4 });
  await simulator.setErrorRate({ node, errorRate: 0.2 });
  await simulator.setQueueBacklog({ node, pendingCount: 20_000n });
  const after = await simulator.getFleet({ withNodes: true });
  expect(after.nodeStates[0]).toMatchObject({ backpressure: true });
  expect(after.nodeStates[0]?.errorRate ?? 0).toBeGreaterThanOrEqual(0.2);
  expect((await simulator.exportAssignment({})).placements.length).toBe(80);
  expect(await codeOf(simulator.killNode({ node: 'nobody' }))).toBe(Code.NotFound);
});

test('a shutdown is answered before it happens', async () => {
  await createClient(FleetSimulatorService, transport).shutdown({});
  while (shutdowns === 0) await systemClock.sleep(5);
  expect(shutdowns).toBe(1);
});

test('an address in use is a problem, not a crash', async () => {
  const { port } = new URL(server.url);
  const again = await startFleetServer({
    host: '127.0.0.1',
    port: Number(port),
    fleet,
    faults: createFleetFaults(createRandom(2)),
    clock: systemClock,
    log: silentLog,
  });
  expect(again).toMatchObject({ ok: false, error: { code: 'LISTEN_FAILED' } });
});
