import { immobility, type PlanningProblem } from '../problem.ts';
import { replicasOf } from './node-replicas.ts';

/** How low, over the mean, a node's worst dimension can be when so many of its replicas are relieved. */
export interface NodeLevels {
  /** Nodes above the floor. */
  readonly count: number;
  levelOf(index: number): number;
  /**
   * Relieves the node of one more replica: the largest one left in each dimension, and in the mean of all, which is at least
   * as good as any. Answers 1; 0 when a first look told a lower level without any; null when none is left.
   */
  relieve(index: number): 0 | 1 | null;
}

/**
 * A node's worst dimension is at least as high as each of them and as their mean; each is lowered by at most the largest
 * replicas.
 *
 * @param load nodes × dimensions @param floor peak over mean below which nodes are of no interest
 */
export function createNodeLevels(problem: PlanningProblem, load: Float64Array, floor: number): NodeLevels {
  const shares = createShares(problem);
  const nodes: number[] = [];
  for (let node = 0; node < problem.nodeCount; node++) {
    if (worst(shares.ofNode(load, node)) > floor) nodes.push(node);
  }
  const hot = Int32Array.from(nodes);
  const { offsets, order } = replicasOf(problem, hot);
  const levels = Float64Array.from(hot, (node) => worst(shares.ofNode(load, node)));
  const left = new Map<number, NodeLeft>();

  function look(index: number): NodeLeft {
    const node = hot[index];
    const level = shares.ofNode(load, node).slice();
    const rows: Float64Array[] = [];
    for (let at = offsets[index]; at < offsets[index + 1]; at++) {
      const replica = order[at];
      if (problem.immobile[problem.shardOf[replica]] !== immobility.none) continue;
      rows.push(shares.ofReplica(replica, node).slice());
      const free = shares.freeOf(replica, node);
      for (let column = 0; column < level.length; column++) level[column] -= free[column];
    }
    const columns = Array.from(level, (_, column) => Float64Array.from(rows, (row) => row[column]).sort());
    return { level, columns, count: rows.length };
  }

  return {
    count: hot.length,
    levelOf: (index) => levels[index],
    relieve(index) {
      let own = left.get(index);
      const isFirst = own === undefined;
      if (own === undefined) {
        own = look(index);
        left.set(index, own);
      } else {
        if (own.count === 0) return null;
        own.count -= 1;
        for (const [column, loads] of own.columns.entries()) own.level[column] -= loads[own.count];
      }
      levels[index] = worst(own.level);
      return isFirst ? 0 : 1;
    },
  };
}

/** What is left of a node: its level per column, and its replicas, smallest first, of which `count` are still there. */
interface NodeLeft {
  readonly level: Float64Array;
  readonly columns: readonly Float64Array[];
  count: number;
}

function worst(levels: Float64Array): number {
  let most = 0;
  for (let column = 0; column < levels.length; column++) most = Math.max(most, levels[column]);
  return most;
}

/**
 * Loads as shares of what a node carries at peak over mean 1, per balanced dimension, and in a last column their mean. The
 * mean load is taken as if all lay on the nodes that take replicas: no placement has a larger one. What is answered is
 * overwritten by the next answer.
 */
function createShares(problem: PlanningProblem) {
  const { width, nodeCount, nodes, totals, dimensions, loads, shards, shardOf } = problem;
  const capacity = new Float64Array(width);
  for (let node = 0; node < nodeCount; node++) {
    if (nodes.takes[node] === 0) continue;
    for (let d = 0; d < width; d++) capacity[d] += nodes.effective[node * width + d];
  }
  const columns = new Float64Array(width + 1);

  /** Per balanced dimension `loadOf(d)` over the fair load of the node; nodes outside the balance have none. */
  function fill(node: number, loadOf: (d: number) => number): Float64Array {
    columns.fill(0);
    let balanced = 0;
    for (let d = 0; d < width; d++) {
      const fair = capacity[d] > 0 ? (totals[d] * nodes.effective[node * width + d]) / capacity[d] : 0;
      if (nodes.takes[node] === 0 || !(dimensions[d].weight > 0) || !(fair > 0)) continue;
      columns[d] = loadOf(d) / fair;
      columns[width] += columns[d];
      balanced += 1;
    }
    if (balanced > 0) columns[width] /= balanced;
    return columns;
  }

  return {
    ofNode: (load: Float64Array, node: number) => fill(node, (d) => load[node * width + d]),
    ofReplica: (replica: number, node: number) => fill(node, (d) => loads[replica * width + d]),
    /** What a replica that ends with the leader's row loses: it needs no move of its own (proof: `fewestMoves`). */
    freeOf(replica: number, node: number): Float64Array {
      const begin = shards.replicaOffsets[shardOf[replica]];
      const end = shards.replicaOffsets[shardOf[replica] + 1];
      let leader = begin;
      while (leader < end && shards.replicaLeads[leader] === 0) leader += 1;
      if (leader === end) return columns.fill(0);
      return fill(node, (d) => Math.max(0, loads[replica * width + d] - loads[leader * width + d]));
    },
  };
}
