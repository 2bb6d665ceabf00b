import type { PlanningProblem } from '../problem.ts';

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
