import { expect, test } from 'bun:test';
import { createRandom } from '../base/random.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { type GeneratorOptions, generateFleet, loadProfiles } from './generator.ts';
import { createSimulatedFleet } from './simulated-fleet.ts';

const options: GeneratorOptions = {
  seed: 1,
  cluster: 'test',
  namespace: 'orders',
  nodes: 20,
  zones: 4,
  shards: 800,
  replicas: 3,
  profile: 'uniform',
  peakToMean: 1.6,
  behaviour: { dailyAmplitude: 0, noise: 0 },
};

function peakToMean(generator: GeneratorOptions): number {
  const blueprint = generateFleet(generator);
  const fleet = createSimulatedFleet({ blueprint, clock: createVirtualClock(), random: createRandom(1) });
  const loads = blueprint.nodes.map((_, node) => fleet.loads.nodeLoads[node * 4] ?? 0);
  return Math.max(...loads) / (loads.reduce((sum, load) => sum + load, 0) / loads.length);
}

test('the same seed gives the same fleet, another seed another one', () => {
  expect(generateFleet(options)).toEqual(generateFleet(options));
  expect(generateFleet({ ...options, seed: 2 }).shards.replicaNodes).not.toEqual(
    generateFleet(options).shards.replicaNodes,
  );
});

test('the initial placement is as skewed as asked for', () => {
  for (const profile of loadProfiles) {
    const measured = peakToMean({ ...options, profile });
    expect(measured).toBeGreaterThan(1.5);
    expect(measured).toBeLessThan(1.75);
  }
});

test('replicas of a shard are on distinct nodes, and in distinct zones while there are enough', () => {
  const { shards, nodes } = generateFleet(options);
  for (let shard = 0; shard < shards.ids.length; shard++) {
    const rows = [...shards.replicaNodes.subarray(shard * 3, shard * 3 + 3)];
    expect(new Set(rows).size).toBe(3);
    expect(new Set(rows.map((node) => nodes[node]?.zone)).size).toBe(3);
  }
});

test('a fleet with fewer zones than replicas still puts them on distinct nodes', () => {
  const { shards } = generateFleet({ ...options, nodes: 3, zones: 2, shards: 50 });
  for (let shard = 0; shard < 50; shard++) {
    expect(new Set(shards.replicaNodes.subarray(shard * 3, shard * 3 + 3)).size).toBe(3);
  }
});
