import { cancelled, conflict, type ErrorEntry, late, missing, state } from './error-entry.ts';

/** How moves and the plans that run them end otherwise than as planned. */
export const executionEntries = {
  MOVE_TIMEOUT: {
    ...late,
    meaning: 'A step of a move did not end within its deadline.',
    remedy: 'Look at the node named; make a new plan.',
  },
  MOVE_REFUSED: {
    ...state,
    meaning: 'The fleet refused a step of a move.',
    remedy: "See the fleet's own message.",
  },
  MOVE_VERSION_CONFLICT: {
    ...conflict,
    meaning: 'The shard is not in the version that the move expects.',
    remedy: 'Make a new plan.',
  },
  MOVE_VERIFY_FAILED: {
    ...state,
    meaning: 'After the transfer the registry does not show the new owner.',
    remedy: 'Compare the registry with the fleet.',
  },
  MOVE_NOT_FOUND: {
    ...missing,
    meaning: 'The fleet does not know the move, or the plan does not have it.',
    remedy: 'List the moves of the plan.',
  },
  MOVE_ABORTED: {
    ...cancelled,
    meaning: 'The move was undone, or not begun, because its plan was cancelled.',
    remedy: 'Nothing, or make a new plan.',
  },
  PLAN_CANCELLING: {
    ...state,
    meaning: 'The plan was cancelled and waits for its moves in flight to end.',
    remedy: 'Wait a moment.',
  },
  PLAN_PAUSED: {
    ...state,
    meaning: 'Somebody paused the plan.',
    remedy: 'Resume or cancel it.',
  },
  PLAN_CANCELLED: {
    ...cancelled,
    meaning: 'Somebody cancelled the plan, before or while it ran.',
    remedy: 'Roll back what was done, if anything, or make a new plan.',
  },
  PLAN_INCOMPLETE: {
    ...state,
    meaning: 'The plan ran to its end, but not every move took effect.',
    remedy: 'See the moves that did not; make a new plan or roll back.',
  },
  PLAN_REGRESSION: {
    ...state,
    meaning: 'Health worsened between two waves, so that the plan paused.',
    remedy: 'Find the cause; then resume or cancel it.',
  },
  PLAN_TOO_MANY_FAILED_MOVES: {
    ...state,
    meaning: 'More moves failed than policy tolerates.',
    remedy: 'See the failures; make a new plan or roll back.',
  },
  DRAIN_TIMEOUT: {
    ...late,
    meaning: 'Nodes were not vacated within their deadline.',
    remedy: 'See what is left on them and why.',
  },
} as const satisfies Record<string, ErrorEntry>;
