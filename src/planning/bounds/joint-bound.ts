import type { PlanningProblem } from '../problem.ts';

/** Shapes of nodes that are told apart: the more there are, the higher the bound and its cost. */
const maxKinds = 12;

/** Nodes whose dimensions relate to each other alike within this (natural logarithm) are of one kind; doubled until there are few. */
const firstGrain = 0.05;

/** Replicas over which prices are sought, and steps of that: what they are sought over makes the bound better, not more valid. */
const sampleSize = 2_048;
const steps = 400;

/** A price rises by at most this much in one step, whatever is loaded on it. */
const largestSlope = 3;

/**
 * The least peak over mean when all weighted dimensions must be even at once: 1 where nodes all have the same shape, higher
 * where what fits the shape of one kind of nodes is not what there is to carry. By Lagrangian relaxation: with prices
 * v >= 0 per kind of nodes and dimension that sum to 1, every replica costs, as a share of all load over the kind's share
 * of capacity, at least what it costs where that is cheapest, so that the sum of these is a bound for any prices. Good
 * ones are sought on a sample by multiplicative weights (Arora, Hazan, Kale, "The multiplicative weights update method",
 * 2012), then all replicas are summed up once. 1 says nothing, as where a node has no capacity in a dimension.
 * O(nodes × dimensions), and with kinds O((sample × steps + replicas) × kinds × dimensions).
 */
export function jointBound(problem: PlanningProblem): number {
  const dimensions = weightedDimensions(problem);
  const kinds = dimensions.length > 1 ? kindsOfNodes(problem, dimensions) : null;
  if (kinds === null || kinds.count < 2) return 1;
  const placed = placedShards(problem);
  const stride = Math.max(1, Math.ceil(problem.replicaCount / sampleSize));
  const sample = { problem, dimensions, kinds, placed, stride };
  return costOfCheapest({ ...sample, stride: 1 }, seekPrices(sample), null);
}

/** Nodes that take replicas, by the shape of their capacity. */
interface NodeKinds {
  readonly count: number;
  /** Share of all capacity per kind and weighted dimension, greater than 0. */
  readonly shares: Float64Array;
}

/** Replicas of every so manieth shard: of whole shards, since their first replicas may be unlike the others. */
interface Replicas {
  readonly problem: PlanningProblem;
  readonly dimensions: readonly number[];
  readonly kinds: NodeKinds;
  /** Shards that may not lie elsewhere than on nodes that take replicas; null for all. */
  /** Shards that may not lie elsewhere than on nodes that take replicas; null for all. */
  readonly placed: Uint8Array | null;
  readonly stride: number;
}

function weightedDimensions({ dimensions, totals, width }: PlanningProblem): number[] {
  return Array.from({ length: width }, (_, d) => d).filter((d) => dimensions[d].weight > 0 && totals[d] > 0);
}

function kindsOfNodes(problem: PlanningProblem, dimensions: readonly number[]): NodeKinds | null {
  const { width, nodeCount, nodes } = problem;
  const capacity = dimensions.map(() => 0);
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.takes[node] === 0) continue;
    for (let column = 0; column < dimensions.length; column++) {
      const effective = nodes.effective[node * width + dimensions[column]];
      // Nothing stands for what it carries there in the balance, whatever that is.
      if (!(effective > 0)) return null;
      capacity[column] += effective;
    }
  }
  for (let grain = firstGrain; ; grain *= 2) {
    const found = groupByShape(problem, dimensions, capacity, grain);
    if (found !== null) return found;
  }
}

/** Null when there are too many kinds. */
function groupByShape(
  { width, nodeCount, nodes }: PlanningProblem,
  dimensions: readonly number[],
  capacity: readonly number[],
  grain: number,
): NodeKinds | null {
  const columns = dimensions.length;
  const kinds = new Map<string, Float64Array>();
  const share = new Float64Array(columns);
  const shape = new Int32Array(columns);
  let sums: Float64Array = new Float64Array(columns);
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.takes[node] === 0) continue;
    let isLast = kinds.size > 0;
    for (let column = 0; column < columns; column++) {
      share[column] = nodes.effective[node * width + dimensions[column]] / capacity[column];
      const own = Math.round(Math.log(share[column] / share[0]) / grain);
      if (own !== shape[column]) isLast = false;
      shape[column] = own;
    }
    // Most nodes are like the one before: then nobody asks by name.
    if (!isLast) {
      const name = shape.join();
      sums = kinds.get(name) ?? new Float64Array(columns);
      kinds.set(name, sums);
      if (kinds.size > maxKinds) return null;
    }
    for (let column = 0; column < columns; column++) sums[column] += share[column];
  }
  return { count: kinds.size, shares: Float64Array.from([...kinds.values()].flatMap((each) => [...each])) };
}

/** Shards whose replicas all end on nodes that take some; null for all. A transfer exchanges loads within a shard. */
function placedShards({
  nodes,
  shards,
  shardOf,
  shardCount,
  replicaCount,
}: PlanningProblem): Uint8Array | null {
  const mayStay = nodes.takes.map((taking, node) => (taking === 0 && nodes.vacate[node] === 0 ? 1 : 0));
  if (!mayStay.includes(1)) return null;
  const placed = new Uint8Array(shardCount).fill(1);
  for (let r = 0; r < replicaCount; r++) {
    if (mayStay[shards.replicaNodes[r]] === 1) placed[shardOf[r]] = 0;
  }
  return placed;
}

function seekPrices(replicas: Replicas): Float64Array {
  const { shares } = replicas.kinds;
  const size = shares.length;
  const prices = new Float64Array(size).fill(1 / size);
  const fill = new Float64Array(size);
  let best = 0;
  let bestPrices = prices.slice();
  for (let step = 0; step < steps; step++) {
    const cost = costOfCheapest(replicas, prices, fill);
    if (cost > best) {
      best = cost;
      bestPrices = prices.slice();
    }
    // What is filled above the average becomes dearer, by less from step to step so that prices settle.
    const rate = 1 / Math.sqrt(step + 4);
    let sum = 0;
    for (let at = 0; at < size; at++) {
      prices[at] *= Math.exp(rate * Math.min(largestSlope, (fill[at] - cost) * replicas.stride));
      sum += prices[at];
    }
    for (let at = 0; at < size; at++) prices[at] /= sum;
  }
  return bestPrices;
}

/**
 * Sum over the replicas of what each costs on the kind of nodes where it is cheapest.
 *
 * @param fill gets per kind and dimension how full these would be then, over the mean
 */
function costOfCheapest(replicas: Replicas, prices: Float64Array, fill: Float64Array | null): number {
  const { problem, dimensions, kinds, placed, stride } = replicas;
  const { loads, width, totals, shardCount, shards } = problem;
  const { replicaOffsets } = shards;
  const columns = dimensions.length;
  const perLoad = prices.map((price, at) => price / kinds.shares[at] / totals[dimensions[at % columns]]);
  fill?.fill(0);
  let sum = 0;

  function placeCheapest(row: number): void {
    let least = Number.POSITIVE_INFINITY;
    let cheapest = 0;
    for (let kind = 0; kind < kinds.count; kind++) {
      let cost = 0;
      for (let c = 0; c < columns; c++) cost += perLoad[kind * columns + c] * loads[row + dimensions[c]];
      if (cost >= least) continue;
      least = cost;
      cheapest = kind;
    }
    sum += least;
    for (let c = 0; fill !== null && c < columns; c++) {
      const at = cheapest * columns + c;
      fill[at] += loads[row + dimensions[c]] / totals[dimensions[c]] / kinds.shares[at];
    }
  }

  for (let shard = 0; shard < shardCount; shard += stride) {
    if (placed !== null && placed[shard] === 0) continue;
    for (let r = replicaOffsets[shard]; r < replicaOffsets[shard + 1]; r++) placeCheapest(r * width);
  }
  return sum;
}
