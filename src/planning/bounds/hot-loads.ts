import { immobility, type PlanningProblem } from '../problem.ts';
import type { HotNodes, Shedding } from './shedding.ts';

/** Loads of what hot nodes may be relieved of, each node's beside each other. */
export interface HotLoads {
  /** Where each of the nodes begins, in rows, and where it ends. */
  readonly offsets: Int32Array;
  readonly ends: Int32Array;
  /** Rows × dimensions. */
  readonly rows: Float64Array;
  /** Slots × dimensions: load that must leave, or that transfers may take off without a move of its own. */
  readonly covered: Float64Array;
  /** Replicas per slot that themselves must leave; they are not among the rows. */
  readonly leaving: Int32Array;
}

/**
 * Collects them in one pass over all replicas in the order of memory: what is asked of a node afterwards is asked of what
 * lies together, while looking each replica up where it is costs a miss for each. O(replicas × dimensions).
 */
export function collectHotLoads(
  problem: PlanningProblem,
  { forced }: Shedding,
  { nodes, slots }: HotNodes,
): HotLoads {
  const { width, loads, shards, immobile, initial } = problem;
  const { replicaOffsets, replicaNodes, replicaLeads } = shards;
  const covered = new Float64Array(nodes.length * width);
  const leaving = new Int32Array(nodes.length);
  const offsets = new Int32Array(nodes.length);
  let total = 0;
  for (let slot = 0; slot < nodes.length; slot++) {
    offsets[slot] = total;
    total += initial.count[nodes[slot]];
  }
  const ends = offsets.slice();
  const rows = new Float64Array(total * width);
  for (let s = 0; s < problem.shardCount; s++) {
    const begin = replicaOffsets[s];
    const end = replicaOffsets[s + 1];
    const mayMove = immobile[s] === immobility.none;
    let leader = begin;
    while (leader < end && replicaLeads[leader] === 0) leader += 1;
    const isLeaderHot = leader < end && slots[replicaNodes[leader]] >= 0;
    for (let r = begin; r < end; r++) {
      const slot = slots[replicaNodes[r]];
      if (slot < 0) continue;
      if (forced !== null && forced[r] === 1) {
        leaving[slot] += 1;
        for (let d = 0; d < width; d++) covered[slot * width + d] += loads[r * width + d];
      } else if (mayMove) {
        const at = ends[slot]++ * width;
        for (let d = 0; d < width; d++) {
          const load = loads[r * width + d];
          rows[at + d] = load;
          // Nothing for the leader itself.
          const ofLeader = isLeaderHot ? loads[leader * width + d] : load;
          if (load > ofLeader) covered[slot * width + d] += load - ofLeader;
        }
      }
    }
  }
  return { offsets, ends, rows, covered, leaving };
}
