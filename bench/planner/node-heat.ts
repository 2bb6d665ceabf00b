import type { Random } from '../../src/base/random.ts';
import { scaleByNode, sumByNode, totalsOf } from './fleet-sums.ts';

/** How hot nodes are before anything is planned. */
export interface HeatShape {
  /** Deviation of the logarithm of a node's share of the replicas: what hashing and history leave. */
  readonly spread: number;
  /** Share of the nodes that are hot. */
  readonly hotShare: number;
  /** Load of the hottest node over the mean; 1 for none. */
  readonly hottest: number;
}

/**
 * The usual fleet. Nodes vary by 15% around the mean by their number of replicas (a further tenth comes from the loads
 * of a hundred replicas); one in fifty is hot, from 1.4 times the mean to three times.
 */
export const usualHeat: HeatShape = { spread: 0.15, hotShare: 0.02, hottest: 3 };

/** Where the tail of hot nodes begins, over the mean. */
const coolestHot = 1.4;

/** Heat of the nodes. */
export interface NodeHeat {
  /** Share of the replicas per node, 1 for the mean. */
  readonly weights: Float64Array;
  readonly hot: readonly HotNode[];
}

export interface HotNode {
  readonly node: number;
  /** Load over the mean of all nodes. */
  readonly heat: number;
  /** The dimension that is hot; null for all of them. */
  readonly dimension: number | null;
}

/**
 * Draws the heat of each node. The tail is given, not drawn, so that peak over mean is the same in fleets of all
 * sizes: by rank it falls with the square from `hottest` to 1.4, most of it near the cool end. Every other hot node
 * has too many replicas and is hot in all dimensions; the others have hot replicas in one dimension.
 */
export function drawHeat(shape: HeatShape, nodeCount: number, width: number, random: Random): NodeHeat {
  const weights = Float64Array.from({ length: nodeCount }, () => Math.exp(random.normal(0, shape.spread)));
  const count = shape.hottest > 1 ? Math.ceil(shape.hotShare * nodeCount) : 0;
  const nodes = shuffled(nodeCount, random);
  const hot = Array.from({ length: count }, (_, rank): HotNode => {
    const heat = coolestHot + (shape.hottest - coolestHot) * (1 - rank / count) ** 2;
    return { node: nodes[rank], heat, dimension: rank % 2 === 0 ? null : random.integer(width) };
  });
  for (const { node, heat, dimension } of hot) weights[node] = dimension === null ? heat : 1;
  return { weights, hot };
}

/**
 * Scales the loads of hot nodes, in place, so that each is exactly as hot as it should be: in its dimension, or in the
 * hottest of all. Chance alone would let the peak grow with the number of nodes.
 */
export function heatNodes(
  replicaNodes: Int32Array,
  replicaLoads: Float64Array,
  nodeCount: number,
  hot: readonly HotNode[],
): void {
  const sums = sumByNode(replicaNodes, replicaLoads, nodeCount);
  const width = sums.length / nodeCount;
  const means = totalsOf(sums, width).map((total) => total / nodeCount);
  const factors = new Float64Array(sums.length).fill(1);
  for (const { node, heat, dimension } of hot) {
    const row = sums.subarray(node * width, (node + 1) * width).map((sum, d) => sum / means[d]);
    const hottest = row.reduce((most, relative) => Math.max(most, relative), 0);
    if (hottest === 0) continue;
    if (dimension === null) factors.fill(heat / hottest, node * width, (node + 1) * width);
    else factors[node * width + dimension] = heat / row[dimension];
  }
  scaleByNode(replicaNodes, replicaLoads, factors);
}

/** 0 to count - 1 in random order (Fisher and Yates). */
export function shuffled(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
