import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ConnectRouter } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { type Clock, systemClock } from '../../base/clock.ts';
import { createRandom } from '../../base/random.ts';
import { createVirtualClock, type VirtualClock } from '../../base/virtual-clock.ts';
import type { FleetWorld } from '../../ports/fleet-contract.testing.ts';
import { createFleetFaults } from '../../simulator/fleet-faults.ts';
import { fleetRoutes } from '../../simulator/fleet-services.ts';
import { generateFleet } from '../../simulator/generator.ts';
import { type FleetPorts, inProcessPorts } from '../../simulator/in-process-ports.ts';
import { createSimulatedFleet, type SimulatedFleet } from '../../simulator/simulated-fleet.ts';
import { createFleetChannel } from '../../wire/fleet-channel/fleet-channel.ts';
import { createGrpcBackpressureSource } from '../hugo-backpressure/grpc-backpressure-source.ts';
import { createGrpcLoadSource } from '../meshkit-loads/grpc-load-source.ts';
import { createGrpcShardMover } from '../meshkit-mover/grpc-shard-mover.ts';
import { createGrpcPeerSource } from '../meshkit-peers/grpc-peer-source.ts';
import { createGrpcShardRegistry } from './grpc-shard-registry.ts';

/** More than one page of either contract. */
const shardTotal = 1_010;

/** A fleet for tests: 6 nodes, calm, copies at once, feeds every few milliseconds. */
export function fleetForTests(clock: Clock, replicas: number): SimulatedFleet {
  const blueprint = generateFleet({
    seed: 11,
    cluster: 'test',
    namespace: 'orders',
    nodes: 6,
    zones: 3,
    shards: shardTotal,
    replicas,
    profile: 'uniform',
    behaviour: {
      calm: true,
      copyBytesPerSecond: 1e15,
      drainMs: 0,
      dailyAmplitude: 0,
      noise: 0,
      loadIntervalMs: 40,
      gossipIntervalMs: 20,
      backpressureIntervalMs: 20,
    },
  });
  return createSimulatedFleet({ blueprint, clock, random: createRandom(5) });
}

/** A gRPC server over a real socket on loopback. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function serve(routes: (router: ConnectRouter) => void, port = 0): Promise<TestServer> {
  const server: Http2Server = createServer({}, connectNodeAdapter({ routes }));
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.destroy();
      return closed;
    },
  };
}

/** The adapters on a channel; what cannot be read fails the test. */
export function grpcPorts(address: string) {
  const channel = createFleetChannel(address);
  const onUnreadable = (problem: { readonly message: string }): never => {
    throw new Error(problem.message);
  };
  return {
    channel,
    registry: createGrpcShardRegistry(channel, systemClock, onUnreadable),
    mover: createGrpcShardMover(channel),
    loads: createGrpcLoadSource(channel, systemClock, onUnreadable),
    peers: createGrpcPeerSource(channel, systemClock, onUnreadable),
    backpressure: createGrpcBackpressureSource(channel, systemClock, onUnreadable),
  };
}

/** The gRPC adapters over a real socket to a fleet that serves everything, or only what `only` registers. */
export async function openGrpcFleet(
  replicas = 2,
  only?: (router: ConnectRouter, fleet: SimulatedFleet) => void,
): Promise<FleetWorld> {
  const fleet = fleetForTests(systemClock, replicas);
  const everything = fleetRoutes(fleet, createFleetFaults(createRandom(7)), () => {});
  const server = await serve((router) => (only ? only(router, fleet) : everything(router)));
  const { channel, ...ports } = grpcPorts(server.url);
  return {
    ...ports,
    ...factsOf(fleet),
    until: (promise) => promise,
    async close() {
      channel.close();
      await server.close();
    },
  };
}

/** The simulator's own ports under the virtual clock. */
export async function openInProcessFleet(): Promise<FleetWorld> {
  const clock = createVirtualClock();
  return inProcessFleet(clock, inProcessPorts, async () => {});
}

/** Ports that are made of the simulator's own, under the virtual clock. */
export function inProcessFleet(
  clock: VirtualClock,
  portsOf: (fleet: SimulatedFleet) => FleetPorts,
  close: () => Promise<void>,
): FleetWorld {
  const fleet = fleetForTests(clock, 2);
  return {
    ...portsOf(fleet),
    ...factsOf(fleet),
    async until(promise) {
      let isSettled = false;
      const settle = (): void => {
        isSettled = true;
      };
      promise.then(settle, settle);
      // A minute of the fleet's time; tests need a second or two.
      for (let passed = 0; !isSettled && passed < 60_000; passed += 5) await clock.advance(5);
      return promise;
    },
    close,
  };
}

function factsOf(fleet: SimulatedFleet): Pick<FleetWorld, 'namespace' | 'nodes' | 'shards'> {
  return { namespace: 'orders', nodes: fleet.blueprint.nodes.map((node) => node.id), shards: shardTotal };
}
