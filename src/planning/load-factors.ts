import type { PlanningProblem } from './problem.ts';

/**
 * What makes loads of different units comparable. Everything is in "mean nodes": an excess of 1 is as much load over
 * target as one mean node's target, so that prices of moves mean the same in a fleet of ten and of ten thousand.
 */
export interface LoadFactors {
  /** Per dimension: weight / mean target of a node; 0 where the dimension has no target or no weight. */
  readonly excess: Float64Array;
  /** nodes × dimensions: weight × mean capacity / (capacity × (mean load)²); 0 for nodes outside the balance. */
  readonly balance: Float64Array;
  /**
   * nodes × dimensions: the load up to which the node counts as balanced, (1 + tolerance) × its fair share; 0 for a node
   * without capacity, infinite where nothing is balanced.
   */
  readonly line: Float64Array;
  /** Policy's share above the fair share that still counts as balanced. */
  readonly tolerance: number;
  /** Mean utilisation of effective capacity per dimension if all load lay evenly on the nodes in the balance. */
  readonly meanUtilization: Float64Array;
  /** Weight per dimension; they sum to 1, or are all 0. */
  readonly weights: Float64Array;
}

/** Weights are relative: they are scaled to sum to 1. Nodes that must be vacated are outside the balance. */
export function buildLoadFactors(problem: PlanningProblem): LoadFactors {
  const { width, nodeCount, nodes, dimensions, totals } = problem;
  const tolerance = problem.request.policy.benefit.balanceTolerance;
  const weights = normalisedWeights(dimensions.map((dimension) => dimension.weight));
  const excess = new Float64Array(width);
  const balance = new Float64Array(nodeCount * width);
  const line = new Float64Array(nodeCount * width).fill(Number.POSITIVE_INFINITY);
  const meanUtilization = new Float64Array(width);
  for (let d = 0; d < width; d++) {
    let capacity = 0;
    let target = 0;
    let members = 0;
    for (let n = 0; n < nodeCount; n++) {
      const at = n * width + d;
      target += nodes.target[at];
      if (nodes.vacate[n] === 1 || nodes.effective[at] <= 0) continue;
      capacity += nodes.effective[at];
      members += 1;
    }
    excess[d] = finite((weights[d] * nodeCount) / target);
    if (members === 0 || totals[d] <= 0) continue;
    meanUtilization[d] = totals[d] / capacity;
    const meanCapacity = capacity / members;
    const meanLoad = totals[d] / members;
    for (let n = 0; n < nodeCount; n++) {
      const at = n * width + d;
      if (nodes.vacate[n] === 1 || weights[d] === 0) continue;
      line[at] = (1 + tolerance) * meanUtilization[d] * Math.max(0, nodes.effective[at]);
      if (nodes.effective[at] <= 0) continue;
      balance[at] = finite((weights[d] * meanCapacity) / nodes.effective[at] / meanLoad / meanLoad);
    }
  }
  return { excess, balance, line, tolerance, meanUtilization, weights };
}

function normalisedWeights(weights: readonly number[]): Float64Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float64Array.from(weights, (weight) => (sum > 0 ? weight / sum : 0));
}

/** 0 for what overflow, underflow and division by nothing leave: such a dimension cannot be told apart from none. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
