import type { ObstacleCode } from '../../domain/plan.ts';
import type { Change } from '../change.ts';
import type { Constraint, RefusalNote } from '../constraint.ts';
import type { PlacementState } from '../placement-state.ts';
import { immobility, type PlanningProblem } from '../problem.ts';

/**
 * Who may move and where to: nothing onto a node that is not alive and active, nothing onto or off a node that is
 * cooling down (unless it must be vacated), no shard that is paused, disabled, pinned or cooling down. It speaks of
 * changes, not of placements, so it is never violated.
 */
export function createAdmission(state: PlacementState): Constraint {
  const { problem } = state;
  return {
    name: 'nodes and shards that may move',
    obstacle: 'nodeTakesNothing',
    kind: 'identity',
    delta: (change) => (refusal(problem, change) === null ? 0 : Number.POSITIVE_INFINITY),
    refusal: (change) => admissionNote(problem, change),
    measure: () => ({ amount: 0, subjects: 0 }),
    offenders: () => {},
  };
}

function admissionNote(problem: PlanningProblem, change: Change): RefusalNote {
  const obstacle = refusal(problem, change) ?? 'nodeTakesNothing';
  const to = problem.request.snapshot.nodes[change.to];
  if (obstacle === 'nodeTakesNothing') {
    const message = `node ${to.id} is ${to.status} and ${to.adminState}: it takes nothing`;
    return { obstacle, subject: `node/${to.id}`, message };
  }
  const shard = problem.shards.ids[problem.shardOf[change.replica]];
  if (immobilityCode(problem, problem.shardOf[change.replica]) !== null) {
    const why: Partial<Record<ObstacleCode, string>> = {
      cooldown: 'rests: it moved recently, or too few healthy copies of it are left',
      pin: 'is kept where it is by a pin',
    };
    const message = `shard ${shard} ${why[obstacle] ?? 'is paused or disabled'}`;
    return { obstacle, subject: `shard/${shard}`, message };
  }
  const resting = problem.nodes.frozen[change.to] === 1 ? change.to : change.from;
  const { id } = problem.request.snapshot.nodes[resting];
  return { obstacle, subject: `node/${id}`, message: `node ${id} rests: something moved there recently` };
}

/** Why the change may not be made whatever the placement, or null. */
export function refusal(problem: PlanningProblem, change: Change): ObstacleCode | null {
  const { takes, frozen } = problem.nodes;
  if (problem.holdsImmobile) {
    const immobile = immobilityCode(problem, problem.shardOf[change.replica]);
    if (immobile !== null) return immobile;
  }
  if (takes[change.to] === 0) return 'nodeTakesNothing';
  if (problem.request.task.kind === 'fixed') return null;
  if (frozen[change.to] === 1 || !mayGive(problem, change.from)) return 'cooldown';
  return null;
}

/** Whether replicas may leave the node now. */
export function mayGive(problem: PlanningProblem, node: number): boolean {
  return problem.nodes.frozen[node] === 0 || problem.nodes.vacate[node] === 1;
}

/** Why the shard may not move, or null. */
export function immobilityCode(problem: PlanningProblem, shard: number): ObstacleCode | null {
  switch (problem.immobile[shard]) {
    case immobility.cooldown:
      return 'cooldown';
    case immobility.status:
      return 'shardNotMovable';
    case immobility.pin:
      return 'pin';
    default:
      return null;
  }
}
