import { isHealthy } from '../../domain/node.ts';
import type { Constraint } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';
import type { PlanningProblem } from '../problem.ts';

/** 1 per node whose replicas do not count as healthy. */
export function lostNodes(problem: PlanningProblem): Uint8Array {
  return Uint8Array.from(problem.request.snapshot.nodes, (node) => (isHealthy(node) ? 0 : 1));
}

/** Whether the shard would have too few healthy replicas while one of them moves. O(replicas of the shard). */
export function isIndispensable(problem: PlanningProblem, shard: number, lost: Uint8Array): boolean {
  const { replicaOffsets, replicaNodes } = problem.shards;
  const begin = replicaOffsets[shard];
  const end = replicaOffsets[shard + 1];
  let others = -1;
  for (let replica = begin; replica < end; replica++) if (lost[replicaNodes[replica]] === 0) others += 1;
  const { minHealthyReplicas } = problem.request.policy.placement;
  return others < Math.min(minHealthyReplicas, end - begin - 1);
}

/**
 * What the order of moves asks (`move-gates.ts`), asked by the search already, so that the plan's budget is not spent on a
 * move that would find no order: a healthy replica that its shard cannot do without stays until one that the shard lost has
 * been restored. It speaks of changes, not of placements, so it is never violated. O(replicas of the shard).
 */
export function createHealthyReplicas(state: PlacementState, lost: Uint8Array): Constraint {
  const { problem, nodeOf } = state;
  const { replicaOffsets, replicaNodes } = problem.shards;

  function hasRestored(shard: number): boolean {
    for (let r = replicaOffsets[shard]; r < replicaOffsets[shard + 1]; r++) {
      if (lost[replicaNodes[r]] === 1 && lost[nodeOf[r]] === 0) return true;
    }
    return false;
  }

  return {
    name: 'healthy replicas',
    obstacle: 'cooldown',
    kind: 'identity',
    delta({ kind, replica, from }) {
      if (kind !== 'relocate' || from !== replicaNodes[replica] || lost[from] === 1) return 0;
      const shard = problem.shardOf[replica];
      return isIndispensable(problem, shard, lost) && !hasRestored(shard) ? Number.POSITIVE_INFINITY : 0;
    },
    refusal({ replica }) {
      const shard = problem.shards.ids[problem.shardOf[replica]];
      const message = `shard ${shard} has too few other healthy replicas, and none of those it lost is restored`;
      return { subject: `shard/${shard}`, message };
    },
    measure: () => ({ amount: 0, subjects: 0 }),
    offenders: () => {},
  };
}
