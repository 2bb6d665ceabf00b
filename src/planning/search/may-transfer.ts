import type { PlacementState } from '../placement-state.ts';

/**
 * Whether a plan can transfer leadership between the two. At most one transfer per shard and plan: two in a row would
 * leave other loads behind than one does. While the plan holds transient load, a shard's rows stay where they are: a
 * transfer would move what is held.
 */
export function mayTransfer(state: PlacementState, leader: number, successor: number): boolean {
  const { problem } = state;
  if (problem.shards.replicaLeads[leader] === 0 && problem.shards.replicaLeads[successor] === 0) return false;
  if (!problem.holdsForPlan) return true;
  const { width, loads } = problem;
  return problem.dimensions.every(
    (dimension, d) =>
      !dimension.transient ||
      loads[state.rowOf(leader) * width + d] === loads[state.rowOf(successor) * width + d],
  );
}
