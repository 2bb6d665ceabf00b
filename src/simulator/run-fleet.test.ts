import { expect, test } from 'bun:test';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { buildSnapshot } from '../domain/snapshot-builder.ts';
import { FleetSimulatorService } from '../gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { type FleetSource, type RunFleetOptions, type RunningFleet, runFleet } from './run-fleet.ts';

const generator: FleetSource = {
  kind: 'generator',
  nodes: 6,
  zones: 3,
  regions: 1,
  shards: 30,
  replicas: 2,
  profile: 'lognormal',
  peakToMean: 1.4,
};

const options: RunFleetOptions = {
  listen: '127.0.0.1:0',
  seed: 1,
  cluster: 'local',
  namespace: 'orders',
  source: generator,
  timeScale: 10,
  clock: systemClock,
  log: silentLog,
};

async function started(changed: Partial<RunFleetOptions>): Promise<RunningFleet> {
  const running = await runFleet({ ...options, ...changed });
  if (!running.ok) throw new Error(running.error.message);
  return running.value;
}

const problemOf = async (changed: Partial<RunFleetOptions>): Promise<unknown> => {
  const running = await runFleet({ ...options, ...changed });
  return running.ok ? 'no problem' : running.error;
};

test('a fleet runs until it is asked to end by RPC', async () => {
  const running = await started({});
  const simulator = createClient(FleetSimulatorService, createGrpcTransport({ baseUrl: running.url }));
  expect(await simulator.getFleet({})).toMatchObject({
    cluster: 'local',
    nodes: 6,
    shards: 30,
    replicas: 60,
  });
  await simulator.shutdown({});
  await running.stopped;
});

test('a stopped fleet frees its port', async () => {
  const first = await started({});
  first.stop();
  await first.stopped;
  const again = await started({ listen: new URL(first.url).host });
  again.stop();
  await again.stopped;
});

test('a fleet begins as its snapshot says', async () => {
  const node = {
    region: 'r',
    zone: 'z',
    rack: 'k',
    labels: {},
    weight: 1,
    adminState: 'active',
    signals: {},
  } as const;
  const snapshot = buildSnapshot({
    cluster: 'east',
    namespace: 'carts',
    takenAt: 1,
    dimensions: [{ name: 'cpu', unit: 'cores' }],
    nodes: [
      { ...node, id: 'a', status: 'alive', capacity: [10] },
      { ...node, id: 'b', status: 'dead', capacity: [10] },
    ],
    shards: [
      {
        id: 's1',
        version: 5,
        status: 'active',
        group: '',
        replicas: [
          { number: 0, node: 'a', leads: true, bytes: 10, loads: [4] },
          { number: 1, node: 'b', leads: false, bytes: 10, loads: [1] },
        ],
      },
    ],
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  });
  if (!snapshot.ok) throw new Error(snapshot.error[0]?.message);
  const running = await started({ source: { kind: 'snapshot', snapshot: snapshot.value } });
  expect(running.fleet.registry.replicaSet(0)).toMatchObject({ namespace: 'carts', shard: 's1', version: 5 });
  expect([...running.fleet.state.alive]).toEqual([1, 0]);
  running.stop();
  await running.stopped;
});

test('wrong options are problems that name the field', async () => {
  expect(await problemOf({ listen: '0.0.0.0:0' })).toMatchObject({ code: 'LISTEN_INSECURE' });
  expect(await problemOf({ listen: 'somewhere' })).toMatchObject({ code: 'FIELD_INVALID', field: 'listen' });
  expect(await problemOf({ timeScale: 0 })).toMatchObject({ code: 'FIELD_INVALID', field: 'timeScale' });
  expect(await problemOf({ source: { ...generator, replicas: 9 } })).toMatchObject({
    code: 'FIELDS_CONTRADICT',
  });
  expect(await problemOf({ source: { ...generator, zones: 0 } })).toMatchObject({ field: 'zones' });
  expect(await problemOf({ source: { ...generator, peakToMean: 0.5 } })).toMatchObject({
    field: 'peakToMean',
  });
  const broken: FleetSource = {
    kind: 'roadef',
    model: { path: 'model.txt', text: '1 0' },
    assignment: { path: 'assignment.txt', text: '' },
  };
  expect(await problemOf({ source: broken })).toMatchObject({
    code: 'INPUT_MALFORMED',
    field: 'line 1, token 3',
    subject: 'model.txt',
  });
});
