import { expect, test } from 'bun:test';
import { silentLog } from '../../base/log.ts';
import { createRandom } from '../../base/random.ts';
import { createVirtualClock } from '../../base/virtual-clock.ts';
import { type FleetWorld, take } from '../../ports/fleet-contract.testing.ts';
import { shardRegistryContract } from '../../ports/shard-registry.contract.ts';
import { telemetrySourcesContract } from '../../ports/telemetry-sources.contract.ts';
import { inProcessPorts } from '../../simulator/in-process-ports.ts';
import { createFleetTelemetry } from '../../telemetry/fleet-telemetry.ts';
import { startIngest } from '../../telemetry/ingest.ts';
import { snapshotOf } from '../../telemetry/telemetry.testing.ts';
import { fleetForTests, inProcessFleet } from '../meshkit-shards/grpc-fleet.testing.ts';
import { pushFleet } from './fleet-agent.testing.ts';
import { createPushHub } from './push-hub.ts';

/** A fleet beside which an agent pushes everything into a hub; moves are the fleet's own. */
async function openPushedFleet(): Promise<FleetWorld> {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const hub = createPushHub({ namespaces: ['orders'], clock });
  let pushing: Promise<void> = Promise.resolve();
  const world = inProcessFleet(
    clock,
    (fleet) => {
      const ports = inProcessPorts(fleet);
      pushing = pushFleet(ports, 'orders', hub, stop.signal);
      const { registry, loads, peers, backpressure } = hub;
      return { mover: ports.mover, registry, loads, peers, backpressure };
    },
    async () => {
      stop.abort();
      await pushing;
    },
  );
  // The first listing is whole.
  await take(hub.registry.list('orders', stop.signal), 1);
  return world;
}

shardRegistryContract('pushed', openPushedFleet);
telemetrySourcesContract('pushed', openPushedFleet);

test('a fleet that pushes makes the snapshots that it makes when it is asked', async () => {
  const clock = createVirtualClock();
  const fleet = fleetForTests(clock, 2);
  const ports = inProcessPorts(fleet);
  const hub = createPushHub({ namespaces: ['orders'], clock });
  const stop = new AbortController();
  const ingestOf = (sources: Omit<typeof ports, 'mover'>) => {
    const telemetry = createFleetTelemetry({ cluster: 'test', namespace: 'orders', clock });
    const random = createRandom(1);
    const { done } = startIngest({
      ...sources,
      telemetry,
      clock,
      random,
      signal: stop.signal,
      log: silentLog,
    });
    return { telemetry, done };
  };
  const pushing = pushFleet(ports, 'orders', hub, stop.signal);
  const pushed = ingestOf(hub);
  const fetched = ingestOf(inProcessPorts(fleet));
  await clock.advance(2_000);
  const one = snapshotOf(pushed.telemetry);
  const other = snapshotOf(fetched.telemetry);
  expect(one.quality.completeness).toBe(1);
  expect(one.shards.ids).toEqual(other.shards.ids);
  expect(one.shards.replicaNodes).toEqual(other.shards.replicaNodes);
  expect(one.nodes.map((node) => node.id)).toEqual(other.nodes.map((node) => node.id));
  stop.abort();
  await clock.advance(0);
  await Promise.all([pushing, pushed.done, fetched.done]);
  expect(clock.pendingTimers()).toBe(0);
});
