import { immobility, type PlanningProblem } from '../problem.ts';
import { fewestCovering } from './fewest-covering.ts';
import { replicasOf } from './node-replicas.ts';
import { createTopLoads, type TopLoads } from './top-loads.ts';

/** What a plan has to reach, in the fleet as the snapshot shows it. */
export interface Shedding {
  /** nodes × dimensions: load at the beginning. */
  readonly load: Float64Array;
  /** nodes × dimensions: load at most at the end; `Infinity` for no matter how much. */
  readonly ceilings: Float64Array;
  /** Replicas that must leave each node, by their number; null for none. */
  readonly leaving: Int32Array | null;
  /** 1 per replica that itself must leave its node; null for none. */
  readonly forced: Uint8Array | null;
}

/** Differences of sums of doubles below this share of a ceiling are rounding. */
export const rounding = 1e-9;

/**
 * The fewest moves with which every node can end at or below its ceilings.
 *
 * Proof. Call a replica of a node *relieving* when what the node carries for it is less at the end in some dimension:
 * it was relocated, or transfers of leadership exchanged its row for a smaller one. What is not relieving carries
 * at least as much as before, and what arrives only adds; so the rows of the relieving replicas of a node sum to at least
 * its excess over the ceiling, in every dimension. Hence a node has at least as many of them as the fewest, taken largest
 * first, that cover the excess: in each dimension, and also for the sum of the dimensions, each divided by its excess, which
 * has to reach the number of dimensions (a surrogate constraint: Glover, "Surrogate constraints", 1968). Replicas that must
 * leave come first, and shards that may not move offer nothing.
 *
 * A relocation makes one replica relieving. Transfers of a shard hand the leader's row from one replica to the next, and
 * each that hands it on gets the row of its successor; so k transfers touch k + 1 replicas, of which the last has the
 * leader's row in the end, which relieves it where its own was larger. Where the leader of the beginning is on a node that
 * has nothing to shed, at most k of them are relieving on nodes that have, and each has a move of its own. Where it is not,
 * all k + 1 may be: then what the last one loses is taken off its node's excess beforehand, for nothing, and the others have
 * a move each. So every replica that is counted needs a move of its own, and nodes add up.
 *
 * O(replicas × dimensions), in one pass; nodes that need more than `keptLoads` replicas are looked at once more.
 */
export function fewestMoves(problem: PlanningProblem, shedding: Shedding): number {
  const hot = hotNodes(problem, shedding);
  if (hot.nodes.length === 0) return 0;
  const needs = createNeeds(problem, shedding, hot);
  const top = createTopLoads(hot.nodes.length, problem.width + 1);
  // Nothing is kept of dimensions in which a node has nothing to shed.
  for (let at = 0; at < needs.weights.length; at++) {
    if (needs.weights[at] === 0) top.bars[at + Math.trunc(at / problem.width)] = Number.POSITIVE_INFINITY;
  }
  passReplicas(problem, shedding, hot, needs, top);
  let moves = 0;
  const further: number[] = [];
  for (let slot = 0; slot < hot.nodes.length; slot++) {
    let fewest: number | null = 0;
    for (let column = 0; column <= problem.width && fewest !== null; column++) {
      const own = top.fewestCovering(slot, column, needs.of(slot, column));
      fewest = own === null ? null : Math.max(fewest, own);
    }
    if (fewest === null) further.push(slot);
    else moves += Math.max(needs.leaving[slot] + fewest, shedding.leaving?.[hot.nodes[slot]] ?? 0);
  }
  return moves + fewestOfMany(problem, shedding, hot, needs, Int32Array.from(further));
}

/** Nodes that have something to shed, and the slot of each; -1 for the others. */
export interface HotNodes {
  readonly nodes: Int32Array;
  readonly slots: Int32Array;
}

export function hotNodes(problem: PlanningProblem, { load, ceilings, leaving, forced }: Shedding): HotNodes {
  const { nodeCount, width, shards } = problem;
  const slots = new Int32Array(nodeCount).fill(-1);
  for (let node = 0; node < nodeCount; node++) {
    if (leaving !== null && leaving[node] > 0) slots[node] = 0;
    for (let d = 0; d < width; d++) {
      const at = node * width + d;
      if (load[at] > ceilings[at] * (1 + rounding)) slots[node] = 0;
    }
  }
  if (forced !== null) {
    for (let r = 0; r < forced.length; r++) if (forced[r] === 1) slots[shards.replicaNodes[r]] = 0;
  }
  let count = 0;
  for (let node = 0; node < nodeCount; node++) if (slots[node] === 0) slots[node] = count++;
  const nodes = new Int32Array(count);
  for (let node = 0; node < nodeCount; node++) if (slots[node] >= 0) nodes[slots[node]] = node;
  return { nodes, slots };
}

/** What each hot node has to shed. */
interface Needs {
  /** slots × dimensions: 1 / excess at the beginning; 0 where there is none. */
  readonly weights: Float64Array;
  /** slots × dimensions: what must leave already covers this, or transfers may for nothing. */
  readonly covered: Float64Array;
  /** Replicas per slot that themselves must leave. */
  readonly leaving: Int32Array;
  /** Load that is left to shed in a dimension; in the column after them, in excesses of all dimensions together. */
  of(slot: number, column: number): number;
}

function createNeeds({ width }: PlanningProblem, { load, ceilings }: Shedding, { nodes }: HotNodes): Needs {
  const weights = new Float64Array(nodes.length * width);
  const covered = new Float64Array(nodes.length * width);
  for (let slot = 0; slot < nodes.length; slot++) {
    for (let d = 0; d < width; d++) {
      const ceiling = ceilings[nodes[slot] * width + d];
      const above = load[nodes[slot] * width + d] - ceiling;
      if (above > ceiling * rounding) weights[slot * width + d] = 1 / above;
    }
  }
  const rest = (at: number): number =>
    weights[at] > 0 ? Math.max(0, (1 - rounding) / weights[at] - covered[at]) : 0;
  return {
    weights,
    covered,
    leaving: new Int32Array(nodes.length),
    of(slot, column) {
      if (column < width) return rest(slot * width + column);
      let sum = 0;
      for (let d = 0; d < width; d++) sum += rest(slot * width + d) * weights[slot * width + d];
      return sum * (1 - rounding);
    },
  };
}

/**
 * Offers every replica of the hot nodes, column by column, and fills in what is covered without a move of its own. The one
 * loop over all replicas: what it asks most lies together, and it takes no branch where a dimension has nothing to shed.
 */
function passReplicas(
  problem: PlanningProblem,
  { forced }: Shedding,
  { slots }: HotNodes,
  { weights, covered, leaving }: Needs,
  { bars, offer }: TopLoads,
): void {
  const { width, loads, shards, immobile } = problem;
  const { replicaOffsets, replicaNodes, replicaLeads } = shards;
  for (let s = 0; s < problem.shardCount; s++) {
    const begin = replicaOffsets[s];
    const end = replicaOffsets[s + 1];
    let leader = begin;
    while (leader < end && replicaLeads[leader] === 0) leader += 1;
    const isLeaderHot = leader < end && slots[replicaNodes[leader]] >= 0;
    const mayMove = immobile[s] === immobility.none;
    for (let r = begin; r < end; r++) {
      const slot = slots[replicaNodes[r]];
      if (slot < 0) continue;
      const mustLeave = forced !== null && forced[r] === 1;
      if (mustLeave) leaving[slot] += 1;
      else if (!mayMove) continue;
      let together = 0;
      for (let d = 0; d < width; d++) {
        const load = loads[r * width + d];
        together += Math.min(1, load * weights[slot * width + d]);
        if (mustLeave) covered[slot * width + d] += load;
        else if (load > bars[slot * (width + 1) + d]) offer(slot, d, load);
        // Nothing for the leader itself.
        if (isLeaderHot && load > loads[leader * width + d] && !mustLeave) {
          covered[slot * width + d] += load - loads[leader * width + d];
        }
      }
      if (!mustLeave && together > bars[slot * (width + 1) + width]) offer(slot, width, together);
    }
  }
}

/** The same for nodes that need more replicas than were kept. */
function fewestOfMany(
  problem: PlanningProblem,
  { forced, leaving }: Shedding,
  hot: HotNodes,
  needs: Needs,
  further: Int32Array,
): number {
  if (further.length === 0) return 0;
  const { width, loads, immobile, shardOf } = problem;
  const { nodes, offsets, order, most } = replicasOf(
    problem,
    further.map((slot) => hot.nodes[slot]),
  );
  const values = new Float64Array(most);
  let moves = 0;
  for (let i = 0; i < nodes.length; i++) {
    const slot = further[i];
    const weightsAt = slot * width;
    let fewest = 0;
    for (let column = 0; column <= width; column++) {
      let count = 0;
      for (let at = offsets[i]; at < offsets[i + 1]; at++) {
        const replica = order[at];
        if (forced?.[replica] === 1 || immobile[shardOf[replica]] !== immobility.none) continue;
        let value = 0;
        if (column < width) value = loads[replica * width + column];
        else
          for (let d = 0; d < width; d++)
            value += Math.min(1, loads[replica * width + d] * needs.weights[weightsAt + d]);
        values[count++] = value;
      }
      fewest = Math.max(fewest, fewestCovering(values, count, needs.of(slot, column)));
    }
    moves += Math.max(needs.leaving[slot] + fewest, leaving?.[nodes[i]] ?? 0);
  }
  return moves;
}
