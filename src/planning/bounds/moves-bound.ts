import type { PlanningProblem } from '../problem.ts';
import { fewestCovering } from './fewest-covering.ts';
import { collectHotLoads } from './hot-loads.ts';
import { hotNodes, rounding, type Shedding } from './shedding.ts';

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
 * O(replicas × dimensions), in one pass over all and one over those of hot nodes.
 */
export function fewestMoves(problem: PlanningProblem, shedding: Shedding): number {
  const { width } = problem;
  const hot = hotNodes(problem, shedding);
  if (hot.nodes.length === 0) return 0;
  const found = collectHotLoads(problem, shedding, hot);
  const { offsets, ends, rows, leaving } = found;
  const values = new Float64Array(
    offsets.reduce((most, begin, slot) => Math.max(most, ends[slot] - begin), 0),
  );
  const need = new Float64Array(width + 1);
  const weights = new Float64Array(width);
  let moves = 0;
  for (let slot = 0; slot < hot.nodes.length; slot++) {
    const node = hot.nodes[slot];
    fillNeeds(shedding, node, found.covered.subarray(slot * width, (slot + 1) * width), weights, need);
    const count = ends[slot] - offsets[slot];
    let fewest = 0;
    for (let column = 0; column <= width; column++) {
      if (!(need[column] > 0)) continue;
      let at = offsets[slot] * width;
      for (let i = 0; i < count; i++, at += width) {
        let value = 0;
        if (column < width) value = rows[at + column];
        else for (let d = 0; d < width; d++) value += Math.min(1, rows[at + d] * weights[d]);
        values[i] = value;
      }
      fewest = Math.max(fewest, fewestCovering(values, count, need[column]));
    }
    moves += Math.max(leaving[slot] + fewest, shedding.leaving?.[node] ?? 0);
  }
  return moves;
}

/**
 * What is left for a node to shed once what is covered anyway has left.
 *
 * @param weights becomes per dimension 1 / excess at the beginning, 0 where there is none
 * @param need becomes the load left to shed per dimension; after them, in excesses of all dimensions together
 */
function fillNeeds(
  { load, ceilings }: Shedding,
  node: number,
  covered: Float64Array,
  weights: Float64Array,
  need: Float64Array,
): void {
  const width = weights.length;
  let sum = 0;
  for (let d = 0; d < width; d++) {
    const ceiling = ceilings[node * width + d];
    const above = load[node * width + d] - ceiling;
    weights[d] = above > ceiling * rounding ? 1 / above : 0;
    need[d] = weights[d] > 0 ? Math.max(0, (1 - rounding) / weights[d] - covered[d]) : 0;
    sum += need[d] * weights[d];
  }
  need[width] = sum * (1 - rounding);
}
