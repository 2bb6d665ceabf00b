import type { PlanningProblem } from './problem.ts';

/** Nodes that take replicas, by the shape of their capacity: how its dimensions relate to each other, whatever the node's size. */
export interface NodeKinds {
  readonly count: number;
  /** Weighted dimensions that have load. */
  readonly dimensions: readonly number[];
  /** Share of all capacity per kind and of those dimensions, greater than 0. */
  readonly shares: Float64Array;
}

/** Shapes of nodes that are told apart. */
const maxKinds = 12;

/** Nodes whose dimensions relate to each other alike within this (natural logarithm) are of one kind; doubled until there are few. */
const firstGrain = 0.05;

/** Whether nodes are of several shapes, so that they fill up in different dimensions. */
export function hasSeveralShapes(problem: PlanningProblem): boolean {
  return (kindsOfNodes(problem)?.count ?? 1) > 1;
}

/** Null where fewer than two dimensions are weighed, and where a node has no capacity in one of them. O(nodes × dimensions). */
export function kindsOfNodes(problem: PlanningProblem): NodeKinds | null {
  const { width, nodeCount, nodes } = problem;
  const dimensions = weightedDimensions(problem);
  if (dimensions.length < 2) return null;
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
  return {
    count: kinds.size,
    dimensions,
    shares: Float64Array.from([...kinds.values()].flatMap((each) => [...each])),
  };
}

function weightedDimensions({ dimensions, totals, width }: PlanningProblem): number[] {
  return Array.from({ length: width }, (_, d) => d).filter((d) => dimensions[d].weight > 0 && totals[d] > 0);
}
