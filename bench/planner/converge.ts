import type { PlanningRequest } from '../../src/domain/planning.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { applyMoves } from './apply-moves.ts';
import { timePlan } from './measure-plan.ts';

/** A planner that has not come to rest by then never does. */
const mostPlans = 10;

/** A fleet at rest, and the number of moves of each plan until there was one without any. */
export interface Converged {
  readonly fleet: Snapshot;
  readonly moves: readonly number[];
}

/** Plans and applies until a plan has no move. */
export function converge(request: PlanningRequest): Converged {
  let fleet = request.snapshot;
  const moves: number[] = [];
  while (moves.length < mostPlans && moves.at(-1) !== 0) {
    const { result } = timePlan({ ...request, snapshot: fleet });
    moves.push(result.moves.length);
    fleet = applyMoves(fleet, result.moves);
  }
  return { fleet, moves };
}
