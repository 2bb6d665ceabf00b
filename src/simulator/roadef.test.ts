import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../base/random.ts';
import type { Result } from '../base/result.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { effectivePolicy } from '../domain/policy-merge.ts';
import { validatePolicy } from '../domain/policy-validate.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { validateSnapshot } from '../domain/snapshot-validate.ts';
import type { FleetBlueprint } from './fleet-blueprint.ts';
import { fleetFromRoadef } from './from-roadef.ts';
import { type RoadefModel, readRoadefAssignment, readRoadefModel } from './roadef-model.ts';
import { policyFromRoadef } from './roadef-policy.ts';
import { createSimulatedFleet } from './simulated-fleet.ts';
import { writeRoadefAssignment } from './to-roadef.ts';

/** Two resources (the first transient), two machines, three services of which one is empty, three processes. */
const text = [
  '2  1 100  0 10',
  '2  0 0 30 400 16 80 0 1  0 1 10 240 8 160 1 0',
  '3  2 0  1 1 0  1 0',
  '3  0 12 10 1000  0 10 20 100  1 6 200 1',
  '1 0 1 20 10',
  '1 10 100',
].join('\n');

const names = { cluster: 'contest', namespace: 'roadef' };

function valued<T>(result: Result<T, Problem>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const read = (): RoadefModel => valued(readRoadefModel(text));

function fleetOf(assignment: string): FleetBlueprint {
  return valued(fleetFromRoadef(read(), valued(readRoadefAssignment(assignment, read())), names));
}

test('a model is read as it stands in the file', () => {
  const { resources, machines, services, processes, balances, weightMachineMove } = read();
  expect(resources).toEqual([
    { transient: true, weight: 100 },
    { transient: false, weight: 10 },
  ]);
  expect(machines[1]).toEqual({
    neighborhood: 0,
    location: 1,
    capacity: [10, 240],
    safetyCapacity: [8, 160],
    moveCosts: [1, 0],
  });
  expect(services[1]).toEqual({ spreadMin: 1, dependsOn: [0] });
  expect(processes[2]).toEqual({ service: 1, requirements: [6, 200], moveCost: 1 });
  expect(balances).toEqual([{ first: 0, second: 1, target: 20, weight: 10 }]);
  expect(weightMachineMove).toBe(100);
});

test('a model that is broken says at which line and token, and what to give', () => {
  const problemOf = (broken: string): Problem | undefined => {
    const result = readRoadefModel(broken);
    return result.ok ? undefined : result.error;
  };
  expect(problemOf(text.replace('16 80', '16 x80'))).toMatchObject({
    code: 'INPUT_MALFORMED',
    field: 'line 2, token 12',
    value: 'x80',
  });
  expect(problemOf(text.replace('2  1 100', '2  3 100'))).toMatchObject({
    code: 'FIELD_INVALID',
    field: 'line 1, token 2',
  });
  expect(problemOf(text.slice(0, -4))).toMatchObject({
    code: 'INPUT_MALFORMED',
    field: 'line 6, token 51',
    remedy: 'Give the model file of an instance as the contest publishes it.',
  });
  expect(problemOf(`${text}\n\n 7\n`)).toMatchObject({ field: 'line 8, token 52', value: '7' });
  expect(problemOf('')).toMatchObject({ code: 'INPUT_MALFORMED', field: 'line 1, token 1' });
  expect(problemOf(text.replace('1 1 0  1 0', '1 1 9  1 0'))).toMatchObject({ limit: '0..2' });
});

test('an assignment to a machine that does not exist is refused', () => {
  expect(readRoadefAssignment('0 1 2', read())).toMatchObject({
    ok: false,
    error: { code: 'FIELD_INVALID', field: 'line 1, token 3', limit: '0..1' },
  });
  expect(readRoadefAssignment('0 1', read())).toMatchObject({
    ok: false,
    error: { code: 'INPUT_MALFORMED' },
  });
});

test('machines become nodes, services shards, processes replicas that carry their index', () => {
  const { nodes, shards, dimensions } = fleetOf('0 1 0');
  expect(nodes.map((node) => [node.zone, node.region, node.capacity, node.target])).toEqual([
    ['location-0', 'neighborhood-0', [30, 400], [16, 80]],
    ['location-1', 'neighborhood-0', [10, 240], [8, 160]],
  ]);
  expect(shards.ids).toEqual(['s0000000', 's0000001']);
  expect([...shards.replicaNumbers]).toEqual([0, 1, 2]);
  expect([...shards.replicaNodes]).toEqual([0, 1, 0]);
  expect([...shards.replicaLoads]).toEqual([12, 10, 10, 20, 6, 200]);
  expect(dimensions.map((each) => each.transient)).toEqual([true, false]);
});

test('two processes of a service on one machine are refused', () => {
  const assignment = valued(readRoadefAssignment('0 0 1', read()));
  expect(fleetFromRoadef(read(), assignment, names)).toMatchObject({
    ok: false,
    error: { code: 'SNAPSHOT_REPLICA_TWICE_ON_NODE' },
  });
});

test('the policy holds the contest rules', () => {
  const policy = policyFromRoadef(read());
  expect(policy.placement).toMatchObject({
    transientHold: 'plan',
    spread: [{ select: { shards: ['s0000000'] }, level: 'zone', minDomains: 2, maxPerDomain: 0 }],
    dependencies: [{ group: 's0000001', dependsOn: 's0000000', level: 'region' }],
  });
  // 100 × mean capacity 20 against 10 × mean capacity 320.
  expect(policy.dimensions?.map((each) => [each.weight, each.transient])).toEqual([
    [0.625, true],
    [1, false],
  ]);
});

test('what was read is written back in the order of the processes', () => {
  const { shards, nodes } = fleetOf('0 1 1');
  const placements = [...shards.replicaNumbers].map((replica, row) => ({
    replica,
    node: nodes[shards.replicaNodes[row] ?? 0]?.id ?? '',
  }));
  expect(writeRoadefAssignment(placements.reverse())).toEqual({ ok: true, value: '0 1 1\n' });
  expect(writeRoadefAssignment([{ replica: 0, node: 'n0001' }])).toMatchObject({ ok: false });
});

const data = process.env.ROADEF_DATA;
if (!data) console.log('ROADEF_DATA names no folder: the tests on the contest instances are skipped');

for (const instance of ['a1_1', 'a1_4', 'b_1']) {
  test.skipIf(!data)(
    `instance ${instance} gives a valid snapshot, a valid policy and its own assignment back`,
    () => {
      const file = (kind: string): string =>
        readFileSync(join(data ?? '', `${kind}_${instance}.txt`), 'utf8');
      const read = valued(readRoadefModel(file('model')));
      const assignment = valued(readRoadefAssignment(file('assignment'), read));
      const blueprint = valued(fleetFromRoadef(read, assignment, names));
      const quality = { completeness: 1, stalenessMs: 0, sources: [] };
      const content = { ...blueprint, takenAt: 1, quality };
      expect(validateSnapshot(content)).toEqual([]);
      const overlay = policyFromRoadef(read);
      const policy = effectivePolicy(names.cluster, names.namespace, undefined, overlay, 1);
      const snapshot: Snapshot = { ...content, digest: '' };
      expect(validatePolicy(policy, { snapshot })).toEqual([]);

      const fleet = createSimulatedFleet({ blueprint, clock: createVirtualClock(), random: createRandom(1) });
      const placements = [...fleet.state.replicaNodes].map((node, row) => ({
        replica: blueprint.shards.replicaNumbers[row] ?? 0,
        node: blueprint.nodes[node]?.id ?? '',
      }));
      const written = valued(writeRoadefAssignment(placements));
      expect(written.trim().split(' ')).toEqual(file('assignment').trim().split(/\s+/));
      blueprint.nodes.forEach((_, node) => {
        expect(fleet.loads.exceedsCapacity(node)).toBe(false);
      });
    },
  );
}
