import { mayGive } from '../constraints/admission.ts';
import { immobility, type PlanningProblem } from '../problem.ts';

/** What must lie on taking nodes, in one dimension. */
export interface PlacedLoad {
  /** Load that lies on taking nodes in every placement: all but what may stay on nodes that take nothing. */
  readonly must: number;
  /** The same per placement class. */
  readonly mustOfClass: Float64Array;
  /** Largest replica that must lie on a taking node, per placement class. */
  readonly largestOfClass: Float64Array;
}

/** O(1) where nothing tells replicas apart; else O(replicas), and O(replicas × log copies) where nodes take nothing but need not be vacated. */
export function placedLoad(problem: PlanningProblem, d: number): PlacedLoad {
  const { width, shardCount, shards, loads, classes } = problem;
  const { replicaOffsets } = shards;
  const mustOfClass = new Float64Array(classes.classes.length);
  const largestOfClass = new Float64Array(classes.classes.length);
  const { takes, vacate } = problem.nodes;
  const mayStay = takes.some((taking, node) => taking === 0 && vacate[node] === 0);
  if (classes.classes.length === 1 && !mayStay) {
    largestOfClass[0] = problem.initial.largest[d];
    mustOfClass[0] = problem.totals[d];
    return { must: problem.totals[d], mustOfClass, largestOfClass };
  }
  let must = 0;
  for (let s = 0; s < shardCount; s++) {
    const begin = replicaOffsets[s];
    const end = replicaOffsets[s + 1];
    let placed = 0;
    let most = 0;
    for (let r = begin; r < end; r++) {
      const node = shards.replicaNodes[r];
      placed += takes[node] | vacate[node];
      most = Math.max(most, loads[r * width + d]);
    }
    // A transfer of leadership exchanges rows: the smallest ones may be those that must be placed.
    const least = smallest(loads, begin, end, width, d, placed);
    must += least;
    mustOfClass[classes.ofShard[s]] += least;
    if (placed === end - begin) {
      largestOfClass[classes.ofShard[s]] = Math.max(largestOfClass[classes.ofShard[s]], most);
    }
  }
  return { must, mustOfClass, largestOfClass };
}

/** Load of the `count` smallest replicas of a shard. */
function smallest(
  loads: Float64Array,
  begin: number,
  end: number,
  width: number,
  d: number,
  count: number,
): number {
  if (count === 0) return 0;
  const rows: number[] = [];
  for (let r = begin; r < end; r++) rows.push(loads[r * width + d]);
  if (count < rows.length) rows.sort((left, right) => left - right);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += rows[i];
  return sum;
}

/**
 * Most load that one domain can hold, in a dimension: per shard its `together` largest replicas. O(replicas × log copies).
 *
 * @param together replicas of a shard that may lie in one domain, per shard
 */
export function mostTogether(problem: PlanningProblem, d: number, together: Int32Array): number {
  const { width, shardCount, loads, totals } = problem;
  const { replicaOffsets } = problem.shards;
  let left = 0;
  for (let s = 0; s < shardCount; s++) {
    const begin = replicaOffsets[s];
    const end = replicaOffsets[s + 1];
    left += smallest(loads, begin, end, width, d, Math.max(0, end - begin - together[s]));
  }
  return totals[d] - left;
}

/** Load of shards that may not move, and on nodes that may not give: nodes × dimensions; null when everything may move. */
export function fixedLoad(problem: PlanningProblem): Float64Array | null {
  const { width, nodeCount, replicaCount, shards, loads, immobile, holdsImmobile, shardOf } = problem;
  const held = new Uint8Array(nodeCount);
  if (problem.request.task.kind === 'improve') {
    for (let node = 0; node < nodeCount; node++) if (!mayGive(problem, node)) held[node] = 1;
  }
  if (!held.includes(1) && !holdsImmobile) return null;
  const fixed = new Float64Array(nodeCount * width);
  for (let r = 0; r < replicaCount; r++) {
    const node = shards.replicaNodes[r];
    if (held[node] === 0 && immobile[shardOf[r]] === immobility.none) continue;
    for (let d = 0; d < width; d++) fixed[node * width + d] += loads[r * width + d];
  }
  return fixed;
}
