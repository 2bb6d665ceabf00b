import { createRandom } from '../../src/base/random.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { settleLoads, sumByNode } from './fleet-sums.ts';
import { type FleetShape, generateFleet } from './generate-fleet.ts';

/** Load over capacity of the fleet. */
export const fullShare = 0.95;

/** Nodes above their limit, and the range of their load over it. */
const overfullShare = 0.02;
const overfullFrom = 1.01;
const overfullTo = 1.06;

/** Most that the other nodes differ from the mean: below what would reach the limit. */
const wobble = 0.04;

/**
 * A fleet at 95% of its capacity: two nodes in a hundred are over their limit in all dimensions, the others between
 * 91% and 99%. What is over has to find room in pieces.
 */
export function generateFullFleet(shape: FleetShape): Snapshot {
  const fleet = generateFleet({ ...shape, utilization: fullShare });
  const { shards, nodes } = fleet;
  const random = createRandom(`${shape.seed}/full`);
  const overfull = nodes.map(() => random.next() < overfullShare);
  const heat = nodes.map(() => overfullFrom + (overfullTo - overfullFrom) * random.next());
  settleLoads(shards.replicaNodes, shards.replicaLoads, nodes.length, (node, d) => {
    const capacity = nodes[node].capacity[d];
    return capacity * (overfull[node] ? heat[node] : fullShare * (1 + wobble * (2 * random.next() - 1)));
  });
  // Exactly 95%, although some nodes have more.
  const sums = sumByNode(shards.replicaNodes, shards.replicaLoads, nodes.length);
  const width = fleet.dimensions.length;
  const totals = fleet.dimensions.map((_, d) => nodes.reduce((sum, __, n) => sum + sums[n * width + d], 0));
  const whole = fleet.dimensions.map((_, d) => nodes.reduce((sum, node) => sum + node.capacity[d], 0));
  for (let at = 0; at < shards.replicaLoads.length; at++) {
    const d = at % width;
    shards.replicaLoads[at] *= (fullShare * whole[d]) / totals[d];
  }
  return fleet;
}
