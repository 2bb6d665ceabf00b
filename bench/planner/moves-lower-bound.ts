import { mustBeVacated, type Node } from '../../src/domain/node.ts';
import type { PlanSummary } from '../../src/domain/plan.ts';
import type { PlanningRequest } from '../../src/domain/planning.ts';
import { sumByNode } from './fleet-sums.ts';

/** Sums of doubles: an excess below this share of the node's load is rounding. */
const rounding = 1e-9;

/**
 * No plan that reaches the peaks of this one, and that vacates and repairs as much, has fewer moves:
 *
 * - every replica on a node that must be vacated moves;
 * - any other node must shed what it has above the plan's peak, and above its hard limit, in each dimension; a move off
 *   the node sheds one replica, so it takes at least as many as the largest replicas that cover the excess. Taken over
 *   each dimension alone, and over the sum of the dimensions each divided by its excess, which must reach their number;
 * - a shard that is crowded takes a move of one of its replicas: it counts where none of them is on a node counted above.
 *
 * A move relieves one node, so the numbers add up.
 */
export function movesLowerBound(request: PlanningRequest, summary: PlanSummary): number {
  const { snapshot } = request;
  const { replicaNodes } = snapshot.shards;
  const needed = new Int32Array(snapshot.nodes.length);
  const replicasOf = rowsByNode(replicaNodes, snapshot.nodes.length);
  const allowed = allowedLoads(request, summary);
  const sums = sumByNode(replicaNodes, snapshot.shards.replicaLoads, snapshot.nodes.length);
  for (const [n, node] of snapshot.nodes.entries()) {
    const rows = replicasOf.rows.subarray(replicasOf.offsets[n], replicasOf.offsets[n + 1]);
    needed[n] = mustBeVacated(node)
      ? rows.length
      : shedding(rows, snapshot.shards.replicaLoads, excessOf(sums, allowed, n, snapshot.dimensions.length));
  }
  return needed.reduce((sum, count) => sum + count, 0) + crowdedShards(request, needed);
}

/** Replicas by node: those of node n are `rows` from offsets[n] to offsets[n + 1]. */
function rowsByNode(nodeOf: Int32Array, nodeCount: number): { offsets: Int32Array; rows: Int32Array } {
  const offsets = new Int32Array(nodeCount + 1);
  for (const node of nodeOf) offsets[node + 1] += 1;
  for (let n = 0; n < nodeCount; n++) offsets[n + 1] += offsets[n];
  const next = offsets.slice();
  const rows = new Int32Array(nodeOf.length);
  for (let r = 0; r < nodeOf.length; r++) rows[next[nodeOf[r]]++] = r;
  return { offsets, rows };
}

/** nodes × dimensions of the snapshot: what a node may carry; infinite where nothing bounds it. */
function allowedLoads({ snapshot, policy }: PlanningRequest, summary: PlanSummary): Float64Array {
  const width = snapshot.dimensions.length;
  const allowed = new Float64Array(snapshot.nodes.length * width).fill(Number.POSITIVE_INFINITY);
  for (const [index, dimension] of policy.dimensions.entries()) {
    const d = snapshot.dimensions.findIndex((each) => each.name === dimension.name);
    if (d < 0) continue;
    for (const [n, node] of snapshot.nodes.entries()) {
      const peak = dimension.weight > 0 ? summary.after[index].peak * node.weight : Number.POSITIVE_INFINITY;
      allowed[n * width + d] = node.capacity[d] * Math.min(peak, dimension.hardLimit);
    }
  }
  return allowed;
}

function excessOf(sums: Float64Array, allowed: Float64Array, node: number, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, d) => {
    const at = node * width + d;
    const excess = sums[at] - allowed[at];
    return excess > rounding * sums[at] ? excess : 0;
  });
}

/** Fewest of these replicas that together have the excess in every dimension, or a number that is not larger. */
function shedding(rows: Int32Array, loads: Float64Array, excess: Float64Array): number {
  const width = excess.length;
  const over = [...excess.keys()].filter((d) => excess[d] > 0);
  if (over.length === 0) return 0;
  const count = (sizeOf: (row: number) => number, needed: number): number => {
    const sizes = Float64Array.from(rows, sizeOf).sort();
    let covered = 0;
    let taken = 0;
    while (taken < sizes.length && covered < needed * (1 - rounding)) {
      taken += 1;
      covered += sizes[sizes.length - taken];
    }
    return taken;
  };
  const alone = over.map((d) => count((row) => loads[row * width + d], excess[d]));
  const together = count(
    // More than the whole excess of a dimension does not help in another.
    (row) => over.reduce((sum, d) => sum + Math.min(1, loads[row * width + d] / excess[d]), 0),
    over.length,
  );
  return Math.max(together, ...alone);
}

/** Shards with too many copies in a domain of their rule, and no copy on a node that gives anyway. */
function crowdedShards({ snapshot, policy }: PlanningRequest, needed: Int32Array): number {
  const { replicaOffsets, replicaNodes, ids } = snapshot.shards;
  const [rule] = policy.placement.spread;
  if (!rule || rule.maxPerDomain === 0) return 0;
  const domains = domainsAt(snapshot.nodes, rule.level);
  let crowded = 0;
  for (let s = 0; s < ids.length; s++) {
    let extra = 0;
    let givesAnyway = false;
    for (let r = replicaOffsets[s]; r < replicaOffsets[s + 1]; r++) {
      if (needed[replicaNodes[r]] > 0) givesAnyway = true;
      let before = 0;
      for (let other = replicaOffsets[s]; other < r; other++) {
        if (domains[replicaNodes[other]] === domains[replicaNodes[r]]) before += 1;
      }
      if (before >= rule.maxPerDomain) extra += 1;
    }
    if (!givesAnyway) crowded += extra;
  }
  return crowded;
}

function domainsAt(nodes: readonly Node[], level: 'rack' | 'zone' | 'region'): Int32Array {
  const names = new Map<string, number>();
  return Int32Array.from(nodes, (node) => {
    const index = names.get(node[level]) ?? names.size;
    names.set(node[level], index);
    return index;
  });
}
