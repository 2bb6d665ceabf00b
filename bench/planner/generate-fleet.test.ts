import { describe, expect, test } from 'bun:test';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { validateSnapshot } from '../../src/domain/snapshot-validate.ts';
import type { LoadShape } from './draw-loads.ts';
import { sumByNode } from './fleet-sums.ts';
import { generateFleet, withNodes } from './generate-fleet.ts';
import { generateFullFleet } from './generate-full-fleet.ts';
import { generateTablets } from './generate-tablets.ts';
import { hotShardRequest } from './hot-shard.ts';
import { usualShape } from './usual-fleet.ts';

const size = { replicas: 20_000, nodes: 200 };
const usual = usualShape('small', size);

/** Load over the mean of all nodes, nodes × dimensions. */
function relativeLoads({ nodes, shards, dimensions }: Snapshot): Float64Array {
  const width = dimensions.length;
  const sums = sumByNode(shards.replicaNodes, shards.replicaLoads, nodes.length);
  const means = dimensions.map(
    (_, d) => nodes.reduce((sum, __, n) => sum + sums[n * width + d], 0) / nodes.length,
  );
  return sums.map((sum, at) => sum / means[at % width]);
}

/** Most copies of a shard in one domain. */
function mostTogether(fleet: Snapshot, level: 'zone' | 'rack'): number {
  const { replicaOffsets, replicaNodes, ids } = fleet.shards;
  let most = 0;
  for (let s = 0; s < ids.length; s++) {
    const domains = [...replicaNodes.subarray(replicaOffsets[s], replicaOffsets[s + 1])].map(
      (node) => fleet.nodes[node][level],
    );
    for (const domain of domains) most = Math.max(most, domains.filter((each) => each === domain).length);
  }
  return most;
}

describe('a generated fleet', () => {
  test('is the same for the same seed and another one for another', () => {
    expect(generateFleet(usual)).toEqual(generateFleet(usual));
    const other = generateFleet({ ...usual, seed: 2 });
    expect(other.shards.replicaNodes).not.toEqual(generateFleet(usual).shards.replicaNodes);
    expect(other.shards.replicaLoads).not.toEqual(generateFleet(usual).shards.replicaLoads);
  });

  test.each(['uniform', 'logNormal', 'zipf', 'truncatedNormal'] as const)(
    'with %s loads is a valid snapshot of exactly so many replicas, one copy per zone',
    (loads: LoadShape) => {
      const fleet = generateFleet({ ...usual, loads });
      expect(validateSnapshot(fleet)).toEqual([]);
      expect(fleet.shards.replicaNodes.length).toBe(size.replicas);
      expect(mostTogether(fleet, 'zone')).toBe(1);
    },
  );

  test.each([5_000, 10_000, 40_000])(
    'of %d replicas has a peak of about three times the mean',
    (replicas) => {
      for (const seed of [1, 2, 3]) {
        const fleet = generateFleet({ ...usual, replicas, nodes: replicas / 100, seed });
        const peak = relativeLoads(fleet).reduce((most, load) => Math.max(most, load), 0);
        expect(peak).toBeGreaterThan(2.85);
        expect(peak).toBeLessThan(3.15);
      }
    },
  );

  test('is within its hard limits, and mostly near the mean', () => {
    const relative = relativeLoads(generateFleet(usual)).sort();
    expect(relative[relative.length - 1] * usual.utilization).toBeLessThan(0.95);
    expect(relative[Math.floor(relative.length * 0.1)]).toBeGreaterThan(0.65);
    expect(relative[Math.floor(relative.length * 0.9)]).toBeLessThan(1.4);
  });

  test('leaves empty zones empty', () => {
    const fleet = generateFleet({ ...usual, emptyZones: 1 });
    const used = new Set([...fleet.shards.replicaNodes].map((node) => fleet.nodes[node].zone));
    expect([...used].sort()).toEqual(['z0', 'z1', 'z2', 'z3', 'z4', 'z5', 'z6', 'z7', 'z8']);
  });

  test('has kinds of nodes in their shares and its utilisation over all of them', () => {
    const kinds = [
      { share: 0.75, capacity: [1, 1, 1] },
      { share: 0.25, capacity: [2, 1, 4] },
    ];
    const fleet = generateFleet({ ...usual, nodes: 1_000, kinds });
    const unit = Math.min(...fleet.nodes.map((node) => node.capacity[0]));
    const large = fleet.nodes.filter((node) => node.capacity[0] > unit);
    expect(large.length).toBeGreaterThan(200);
    expect(large.length).toBeLessThan(300);
    expect(large[0].capacity[0]).toBeCloseTo(2 * unit);
    const load = fleet.shards.replicaLoads.reduce((sum, each, at) => (at % 3 === 2 ? sum + each : sum), 0);
    const whole = fleet.nodes.reduce((sum, node) => sum + node.capacity[2], 0);
    expect(load / whole).toBeCloseTo(usual.utilization);
  });

  test('shares what it keeps when nodes are replaced', () => {
    const fleet = generateFleet(usual);
    const drained = withNodes(fleet, (node, n) => (n === 3 ? { ...node, adminState: 'draining' } : node));
    expect(drained.shards).toBe(fleet.shards);
    expect(drained.nodes.filter((node) => node.adminState === 'draining')).toHaveLength(1);
  });
});

test('a full fleet is at 95% of its capacity, and a few nodes are above theirs', () => {
  const fleet = generateFullFleet(usual);
  const width = fleet.dimensions.length;
  const sums = sumByNode(fleet.shards.replicaNodes, fleet.shards.replicaLoads, fleet.nodes.length);
  const shares = sums.map((sum, at) => sum / fleet.nodes[Math.floor(at / width)].capacity[at % width]);
  expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeCloseTo(0.95, 6);
  const over = shares.filter((share) => share > 1).length / width;
  expect(over).toBeGreaterThan(0);
  expect(over).toBeLessThan(0.06 * fleet.nodes.length);
  expect(shares.every((share) => share > 0.9 && share < 1.07)).toBe(true);
});

test('a hot shard has the load of two mean nodes on its leader', () => {
  const { snapshot } = hotShardRequest(usual);
  const { replicaLoads, replicaLeads } = snapshot.shards;
  const total = replicaLoads.reduce((sum, load, at) => (at % 3 === 0 ? sum + load : sum), 0);
  expect(replicaLeads[0]).toBe(1);
  expect(replicaLoads[0] / (total / size.nodes)).toBeCloseTo(2, 1);
});

test('tablets have equal copies in distinct racks, on cores that belong to machines of one rack', () => {
  const shape = { tablets: 2_000, copies: 3, machines: 10, coresPerMachine: 8, racks: 5, seed: 1 };
  const fleet = generateTablets(shape);
  expect(generateTablets(shape)).toEqual(fleet);
  expect(validateSnapshot(fleet)).toEqual([]);
  expect(fleet.nodes).toHaveLength(80);
  expect(mostTogether(fleet, 'rack')).toBe(1);
  const { replicaLoads } = fleet.shards;
  expect(replicaLoads[0]).toBe(replicaLoads[2]);
  expect(replicaLoads.every((load) => load >= 0.05)).toBe(true);
  const racksOf = Map.groupBy(fleet.nodes, (node) => node.id.split('-')[0]);
  expect([...racksOf.values()].every((cores) => new Set(cores.map((core) => core.rack)).size === 1)).toBe(
    true,
  );
});
