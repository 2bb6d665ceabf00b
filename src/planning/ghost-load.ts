import type { Change } from './change.ts';
import type { PlanningProblem } from './problem.ts';

/**
 * Transient load that left its first node but is held there until the plan ends: a replica weighs on that node for as
 * long as it is elsewhere.
 */
export interface GhostLoad {
  /** nodes × dimensions. */
  readonly load: Float64Array;
  /** @param offset where the replica's loads begin in `problem.loads`; `sign` 1 to hold them, -1 to let go */
  add(node: number, offset: number, sign: number): void;
  /** Follows the relocation of a replica. */
  relocate(change: Change): void;
}

export function createGhostLoad(problem: PlanningProblem): GhostLoad {
  const { nodeCount, width, shards } = problem;
  const load = new Float64Array(nodeCount * width);

  function add(node: number, offset: number, sign: number): void {
    for (let d = 0; d < width; d++) {
      if (problem.dimensions[d].transient) load[node * width + d] += sign * problem.loads[offset + d];
    }
  }

  return {
    load,
    add,
    relocate(change) {
      const origin = shards.replicaNodes[change.replica];
      const sign = change.to === origin ? -1 : change.from === origin ? 1 : 0;
      if (sign !== 0) add(origin, change.offset, sign);
    },
  };
}
