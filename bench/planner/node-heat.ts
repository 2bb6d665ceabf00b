import type { Random } from '../../src/base/random.ts';

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

/** Heat per node. */
export interface NodeHeat {
  /** Share of the replicas, 1 for the mean. */
  readonly weights: Float64Array;
  /** nodes × dimensions: factor on the loads of the node's replicas. */
  readonly factors: Float64Array;
}

/**
 * Draws the heat of each node. The tail is given, not drawn, so that peak over mean is the same in fleets of all
 * sizes: by rank it falls with the square from `hottest` to 1.4, most of it near the cool end. Every other hot node
 * has too many replicas and is hot in all dimensions; the others have hot replicas in one dimension.
 */
export function drawHeat(shape: HeatShape, nodeCount: number, width: number, random: Random): NodeHeat {
  const weights = Float64Array.from({ length: nodeCount }, () => Math.exp(random.normal(0, shape.spread)));
  const factors = new Float64Array(nodeCount * width).fill(1);
  const hot = shape.hottest > 1 ? Math.ceil(shape.hotShare * nodeCount) : 0;
  const nodes = shuffled(nodeCount, random);
  for (let rank = 0; rank < hot; rank++) {
    const node = nodes[rank];
    const heat = coolestHot + (shape.hottest - coolestHot) * (1 - rank / hot) ** 2;
    weights[node] = rank % 2 === 0 ? heat : 1;
    if (rank % 2 === 1) factors[node * width + random.integer(width)] = heat;
  }
  return { weights, factors };
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
