import { describe, expect, test } from 'bun:test';
import { connect, createServer, type Socket } from 'node:net';
import { createClient } from '@connectrpc/connect';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { createRandom } from '../../base/random.ts';
import { defaultPolicy } from '../../domain/policy-defaults.ts';
import { BackpressureService } from '../../gen/meshkit/backpressure/v1/backpressure_pb.ts';
import { PeerHealthService } from '../../gen/meshkit/peers/v1/peer_health_pb.ts';
import { codeThrownBy, take } from '../../ports/fleet-contract.testing.ts';
import { createFleetFaults } from '../../simulator/fleet-faults.ts';
import { fleetRoutes } from '../../simulator/fleet-services.ts';
import { createFleetTelemetry } from '../../telemetry/fleet-telemetry.ts';
import { startIngest } from '../../telemetry/ingest.ts';
import type { SourceTransition } from '../../telemetry/subscription.ts';
import { createFleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { fleetStream } from '../../wire/fleet-channel/fleet-stream.ts';
import { createGrpcBackpressureSource } from '../hugo-backpressure/grpc-backpressure-source.ts';
import { createGrpcShardMover } from '../meshkit-mover/grpc-shard-mover.ts';
import { fleetForTests, grpcPorts, serve } from './grpc-fleet.testing.ts';

const call = {
  moveKey: 'p1/m1',
  namespace: 'orders',
  shard: 's000001',
  kind: 'relocate' as const,
  replica: 0,
  successor: 0,
  source: 'a',
  destination: 'b',
  expectedVersion: 1,
  fencingToken: 1,
  changeTicket: '',
};

/** Nothing listens on port 1 of loopback. */
const nobody = 'http://127.0.0.1:1';

/** A way to the port that can be cut so that neither side notices: bytes are swallowed, connections stay open. */
async function openWire(port: number): Promise<{ url: string; cut(): void; close(): void }> {
  const sockets: Socket[] = [];
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    sockets.push(near, far);
    near.on('data', (bytes) => isCut || far.write(bytes));
    far.on('data', (bytes) => isCut || near.write(bytes));
    for (const socket of [near, far]) socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    cut() {
      isCut = true;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function routesOf() {
  return fleetRoutes(fleetForTests(systemClock, 2), createFleetFaults(createRandom(7)), () => {});
}

describe('a fleet that does not answer', () => {
  test('is unreachable by every adapter, never an error of the transport', async () => {
    const { channel, registry, mover, loads, peers, backpressure } = grpcPorts(nobody);
    const { signal } = new AbortController();
    const codes = await Promise.all([
      codeThrownBy(registry.list('orders', signal)),
      codeThrownBy(registry.watch('orders', 1, signal)),
      codeThrownBy(loads.watch('orders', signal)),
      codeThrownBy(peers.watch(signal)),
      codeThrownBy(backpressure.watch(signal)),
    ]);
    expect(new Set(codes)).toEqual(new Set(['FLEET_UNREACHABLE']));
    const read = await registry.get('orders', 's1', signal);
    expect(!read.ok && read.error.code).toBe('FLEET_UNREACHABLE');
    expect(!read.ok && read.error.message).toContain(nobody);
    expect(await mover.transfer(call, signal)).toMatchObject({ kind: 'unreachable' });
    expect(await mover.status(call, signal)).toMatchObject({ kind: 'unreachable' });
    channel.close();
  });

  test('but takes connections is unreachable after the deadline of the call', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const channel = createFleetChannel(`http://127.0.0.1:${port}`);
    const answer = await createGrpcShardMover(channel, 100).prepare(call, new AbortController().signal);
    expect(answer).toMatchObject({ kind: 'unreachable', problem: { code: 'FLEET_UNREACHABLE' } });
    channel.close();
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  test('serves neither contract of shards is unreachable', async () => {
    const server = await serve((router) => router.service(PeerHealthService, {}));
    const { channel, registry } = grpcPorts(server.url);
    const { signal } = new AbortController();
    expect(await codeThrownBy(registry.list('orders', signal))).toBe('FLEET_UNREACHABLE');
    expect(await codeThrownBy(registry.watch('orders', 1, signal))).toBe('FLEET_UNREACHABLE');
    const read = await registry.get('orders', 's1', signal);
    expect(!read.ok && read.error.code).toBe('FLEET_UNREACHABLE');
    channel.close();
    await server.close();
  });
});

describe('a stream', () => {
  test('whose server dies ends with a problem', async () => {
    const server = await serve(routesOf());
    const { channel, peers } = grpcPorts(server.url);
    let batches = 0;
    const ended = codeThrownBy(
      (async function* () {
        for await (const batch of peers.watch(new AbortController().signal)) {
          if (++batches === 1) void server.close();
          yield batch;
        }
      })(),
    );
    expect(await ended).toBe('FLEET_UNREACHABLE');
    channel.close();
  });

  test('whose connection dies without a word ends with a problem', async () => {
    const server = await serve((router) => {
      router.service(BackpressureService, {
        async *watchBackpressure(_request, context) {
          yield { signals: [] };
          await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
        },
      });
    });
    const wire = await openWire(server.port);
    const channel = createFleetChannel(wire.url, { pingIntervalMs: 50, pingTimeoutMs: 50 });
    const source = createGrpcBackpressureSource(channel, systemClock, () => {});
    const ended = codeThrownBy(
      (async function* () {
        for await (const batch of source.watch(new AbortController().signal)) {
          wire.cut();
          yield batch;
        }
      })(),
    );
    expect(await ended).toBe('FLEET_UNREACHABLE');
    channel.close();
    wire.close();
    await server.close();
  });

  test('that falls silent ends with a problem', async () => {
    const server = await serve((router) =>
      router.service(BackpressureService, {
        async *watchBackpressure(_request, context) {
          yield { signals: [] };
          await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
        },
      }),
    );
    const { channel, backpressure } = grpcPorts(server.url);
    const stop = new AbortController();
    const first = await take(backpressure.watch(stop.signal), 1);
    expect(first).toEqual([[]]);
    const client = createClient(BackpressureService, channel.transport);
    const stream = fleetStream({
      channel,
      clock: systemClock,
      what: 'watching the backpressure',
      signal: stop.signal,
      silenceMs: 50,
      open: client.watchBackpressure.bind(client, {}),
    });
    expect(await codeThrownBy(stream)).toBe('FLEET_UNREACHABLE');
    stop.abort();
    channel.close();
    await server.close();
  });

  test('that is left by its reader is closed at the server', async () => {
    let isClosed = (): void => {};
    const closed = new Promise<void>((resolve) => {
      isClosed = resolve;
    });
    const server = await serve((router) =>
      router.service(BackpressureService, {
        async *watchBackpressure(_request, context) {
          context.signal.addEventListener('abort', isClosed);
          yield { signals: [] };
          await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
        },
      }),
    );
    const { channel, backpressure } = grpcPorts(server.url);
    await take(backpressure.watch(new AbortController().signal), 1);
    await closed;
    channel.close();
    await server.close();
  });
});

test('ingest is degraded while the fleet restarts, and whole again after it', async () => {
  const first = await serve(routesOf());
  const { channel, ...ports } = grpcPorts(first.url);
  const stop = new AbortController();
  const transitions: SourceTransition[] = [];
  const telemetry = createFleetTelemetry({ cluster: 'test', namespace: 'orders', clock: systemClock });
  const ingest = startIngest({
    ...ports,
    telemetry,
    clock: systemClock,
    random: createRandom(3),
    signal: stop.signal,
    log: silentLog,
    onTransition: (transition) => transitions.push(transition),
  });
  const policy = defaultPolicy('test', 'orders');
  const isWhole = (): boolean => {
    const frozen = telemetry.freeze(policy, new Map());
    return frozen.ok && frozen.value.quality.completeness === 1;
  };
  const until = async (condition: () => boolean): Promise<void> => {
    const giveUpAt = systemClock.monotonic() + 10_000;
    while (!condition() && systemClock.monotonic() < giveUpAt) await systemClock.sleep(20);
    expect(condition()).toBe(true);
  };

  await until(isWhole);
  await first.close();
  await until(() => transitions.filter((each) => each.kind === 'degraded').length === 4);
  // Another fleet, whose registry does not know where the watch was: it is listed again.
  const second = await serve(routesOf(), first.port);
  await until(() => telemetry.sources().every((each) => each.connected));
  await until(isWhole);
  expect(transitions.filter((each) => each.kind === 'recovered').length).toBeGreaterThanOrEqual(4);
  stop.abort();
  await ingest.done;
  channel.close();
  await second.close();
}, 20_000);
