import { expect, test } from 'bun:test';
import { silentLog } from '../base/log.ts';
import { createRandom } from '../base/random.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { validateSnapshot } from '../domain/snapshot-validate.ts';
import { createFleetFaults, noFaults } from '../simulator/fleet-faults.ts';
import { generateFleet } from '../simulator/generator.ts';
import { inProcessPorts } from '../simulator/in-process-ports.ts';
import { createSimulatedFleet } from '../simulator/simulated-fleet.ts';
import type { TelemetryCounters } from './counters.ts';
import { createFleetTelemetry } from './fleet-telemetry.ts';
import { startIngest } from './ingest.ts';

/** Ten virtual seconds of a fleet whose telemetry comes late and twice and whose node n0003 dies on the way. */
async function runFleet(seed: number): Promise<{ snapshot: Snapshot; counters: TelemetryCounters }> {
  const clock = createVirtualClock();
  const blueprint = generateFleet({
    seed,
    cluster: 'test',
    namespace: 'orders',
    nodes: 10,
    zones: 2,
    shards: 120,
    replicas: 3,
    profile: 'lognormal',
  });
  const fleet = createSimulatedFleet({ blueprint, clock, random: createRandom(seed) });
  const faults = createFleetFaults(createRandom(seed), {
    ...noFaults,
    repeatSampleShare: 0.3,
    lateSampleShare: 0.3,
    clockSkewMs: 1_000,
  });
  const telemetry = createFleetTelemetry({ cluster: 'test', namespace: 'orders', clock });
  const stop = new AbortController();
  const ingest = startIngest({
    ...inProcessPorts(fleet, faults),
    telemetry,
    clock,
    random: createRandom(seed),
    signal: stop.signal,
    log: silentLog,
  });
  await clock.advance(4_000);
  fleet.controls.kill('n0003');
  await clock.advance(6_000);
  const frozen = telemetry.freeze(defaultPolicy('test', 'orders'), new Map());
  stop.abort();
  await clock.advance(0);
  await ingest.done;
  expect(clock.pendingTimers()).toBe(0);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return { snapshot: frozen.value, counters: telemetry.counters() };
}

test('telemetry that comes late and twice makes whole and valid snapshots, and the dead node is seen', async () => {
  const { snapshot, counters } = await runFleet(1);
  expect(validateSnapshot(snapshot)).toEqual([]);
  expect(snapshot.quality.completeness).toBe(1);
  expect(snapshot.shards.ids).toHaveLength(120);
  expect(snapshot.nodes.find((node) => node.id === 'n0003')?.status).toBe('dead');
  expect(counters.loads.duplicate + counters.peers.duplicate).toBeGreaterThan(0);
  expect(counters.loads.invalid + counters.peers.invalid + counters.shards.invalid).toBe(0);
});

test('the same seed gives the same snapshot to the last bit, another seed another one', async () => {
  const digests = [];
  for (const seed of [7, 7, 8]) digests.push((await runFleet(seed)).snapshot.digest);
  expect(digests[0]).toBe(digests[1] ?? '');
  expect(digests[0]).not.toBe(digests[2] ?? '');
});
