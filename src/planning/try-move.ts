import { type Change, createChange } from './change.ts';
import type { Constraint } from './constraint.ts';
import type { PlacementState } from './placement-state.ts';
import type { PlannedMove } from './planned-move.ts';

/** The first rule that the change would break now, or null. */
export function blockedBy(constraints: readonly Constraint[], change: Change): Constraint | null {
  for (let at = 0; at < constraints.length; at++) {
    if (constraints[at].delta(change) === Number.POSITIVE_INFINITY) return constraints[at];
  }
  return null;
}

/** The move as a change of the state as it is now. */
export function changeOf(state: PlacementState, move: PlannedMove): Change {
  return fillChange(state, move, createChange(), new Float64Array(state.problem.width));
}

/** The same in a change that exists; `scratch` holds dimensions numbers. */
export function fillChange(
  state: PlacementState,
  move: PlannedMove,
  change: Change,
  scratch: Float64Array,
): Change {
  return move.kind === 'relocate'
    ? state.relocation(change, move.replica, move.to)
    : state.transfer(change, move.replica, move.successor, scratch);
}
