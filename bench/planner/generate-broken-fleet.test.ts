import { expect, test } from 'bun:test';
import { validateSnapshot } from '../../src/domain/snapshot-validate.ts';
import { measureBalance } from '../../src/planning/balance.ts';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { sumByNode } from './fleet-sums.ts';
import { generateBrokenFleet } from './generate-broken-fleet.ts';
import { brokenRequest, sev0Shape } from './sev0.ts';

/** A fiftieth of the real one, with as many repairs per node. */
const shape = {
  ...sev0Shape,
  ...{ replicas: 35_715, nodes: 555, crowded: 10, draining: 1, leftOnDraining: 6, overfull: 8 },
};
const request = brokenRequest(shape);
const { snapshot, policy } = request;
const { replicaOffsets, replicaNodes, replicaLoads, ids } = snapshot.shards;

test('a broken fleet is valid, and the same for the same seed', () => {
  expect(validateSnapshot(snapshot)).toEqual([]);
  expect(generateBrokenFleet(shape)).toEqual(snapshot);
  expect(replicaNodes.length).toBe(shape.replicas);
});

test('is balanced within the tolerance', () => {
  const weighed = measureBalance(snapshot, policy, request.distress).slice(0, -1);
  expect(weighed).toHaveLength(6);
  for (const { peakToMean } of weighed) expect(peakToMean).toBeLessThan(1.015);
});

test('is broken in exactly as many places as promised, no two of them on one shard', () => {
  const zones = snapshot.nodes.map((node) => node.zone);
  const crowded = ids.flatMap((_, s) => {
    const nodes = [...replicaNodes.subarray(replicaOffsets[s], replicaOffsets[s + 1])];
    expect(new Set(nodes).size).toBe(nodes.length);
    return new Set(nodes.map((node) => zones[node])).size < nodes.length ? [s] : [];
  });
  expect(crowded).toHaveLength(shape.crowded);
  const draining = snapshot.nodes.flatMap((node, n) => (node.adminState === 'draining' ? [n] : []));
  expect(draining).toHaveLength(shape.draining);
  const left = ids.filter((_, s) =>
    replicaNodes.subarray(replicaOffsets[s], replicaOffsets[s + 1]).some((node) => draining.includes(node)),
  );
  expect(left).toHaveLength(shape.draining * shape.leftOnDraining);
  const width = snapshot.dimensions.length;
  const sums = sumByNode(replicaNodes, replicaLoads, snapshot.nodes.length);
  const over = [...sums.keys()].filter(
    (at) => sums[at] > snapshot.nodes[Math.floor(at / width)].capacity[at % width],
  );
  expect(over.map((at) => at % width)).toEqual(Array.from({ length: shape.overfull }, () => width - 1));
});

test('is repaired by no fewer moves than it has broken places', () => {
  const planned = computePlan(request);
  if (!planned.ok) throw new Error('no plan');
  const { summary } = planned.value;
  expect([summary.violationsAfter, summary.toVacateAfter]).toEqual([0, 0]);
  const places = shape.crowded + shape.draining * shape.leftOnDraining + shape.overfull;
  expect(summary.movesLowerBound).toBeGreaterThanOrEqual(places);
  expect(summary.moves).toBeGreaterThanOrEqual(places);
});
