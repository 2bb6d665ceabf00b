import type { PlacementState } from '../placement-state.ts';

/** The replicas of some nodes, with their loads beside each other: what a look at a node reads in one go. */
export interface HotRows {
  /** Where each of the nodes begins in `replicas`, and after them where the last one ends. */
  readonly offsets: Int32Array;
  readonly replicas: Int32Array;
  /** `replicas` × dimensions. Single precision: they rank, what is moved is summed in full. */
  readonly loads: Float32Array;
}

/**
 * Collects the replicas that may move of the given nodes in one pass over all: reading row by row in the order of
 * memory costs a tenth of following each node's list through it.
 */
export function collectHotRows(state: PlacementState, hot: Int32Array): HotRows {
  const { problem, nodeOf, rowOf } = state;
  const { width, replicaCount, immobile, holdsImmobile, shardOf, nodeCount } = problem;
  const cursors = new Int32Array(nodeCount).fill(-1);
  const offsets = new Int32Array(hot.length + 1);
  let total = 0;
  for (let i = 0; i < hot.length; i++) {
    offsets[i] = total;
    cursors[hot[i]] = total;
    total += state.count[hot[i]];
  }
  const replicas = new Int32Array(total);
  const loads = new Float32Array(total * width);
  const from = problem.loads;
  for (let r = 0; r < replicaCount; r++) {
    const slot = cursors[nodeOf[r]];
    if (slot < 0 || (holdsImmobile && immobile[shardOf[r]] !== 0)) continue;
    cursors[nodeOf[r]] = slot + 1;
    replicas[slot] = r;
    let at = slot * width;
    let row = rowOf(r) * width;
    for (let d = 0; d < width; d++) loads[at++] = from[row++];
  }
  // Where some replicas may not move, a node's part is not full: what is left of it counts for nobody.
  const ends = hot.map((node) => cursors[node]);
  return compact({ offsets, replicas, loads }, ends, width);
}

function compact(rows: HotRows, ends: Int32Array, width: number): HotRows {
  const { offsets, replicas, loads } = rows;
  let at = 0;
  for (let i = 0; i < ends.length; i++) {
    const start = offsets[i];
    if (at !== start) {
      replicas.copyWithin(at, start, ends[i]);
      loads.copyWithin(at * width, start * width, ends[i] * width);
    }
    offsets[i] = at;
    at += ends[i] - start;
  }
  offsets[ends.length] = at;
  return rows;
}
