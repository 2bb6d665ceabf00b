import type { JournalEntry, JournalEntryKind } from '../domain/journal-entry.ts';
import {
  type Move,
  type MoveFailure,
  type MoveKind,
  type MoveState,
  type MoveStep,
  moveSteps,
} from '../domain/move.ts';
import type { MoverPhase } from '../ports/shard-mover.ts';

type Steps = readonly [MoveStep, ...MoveStep[]];

const relocationSteps: Steps = ['prepare', 'drain', 'transfer', 'verify', 'release'];
const leadershipSteps: Steps = ['transfer', 'verify'];

/** The steps of a move in the order in which they run. */
export function stepsOf(kind: MoveKind): Steps {
  return kind === 'relocate' ? relocationSteps : leadershipSteps;
}

/** The step after `step`; undefined when it is the move's last. */
export function stepAfter(kind: MoveKind, step: MoveStep): MoveStep | undefined {
  const steps = stepsOf(kind);
  return steps[steps.indexOf(step) + 1];
}

/** Whether a move that fails at this step has left the ownership as it was, as far as anybody knows. */
export function isBeforeTransfer(step: MoveStep): boolean {
  return moveSteps.indexOf(step) <= moveSteps.indexOf('transfer');
}

export function isFinal(state: MoveState): boolean {
  return state === 'done' || state === 'failed' || state === 'aborted' || state === 'skipped';
}

/** States in which the shard's place is the one that the plan wanted, at the version of the entry that says so. */
export function movesFromNowhere(state: MoveState): boolean {
  return state === 'done' || state === 'skipped';
}

/**
 * The step to go on with when the fleet says how far the move has come. A phase that is still running leads to its own
 * step, since repeating a call is how to ask whether it has ended. Undefined for a move that the fleet has undone.
 */
export function stepAtPhase(kind: MoveKind, phase: MoverPhase): MoveStep | undefined {
  switch (phase) {
    case 'preparing':
      return stepsOf(kind)[0];
    case 'prepared':
    case 'draining':
      return kind === 'relocate' ? 'drain' : 'transfer';
    case 'drained':
      return 'transfer';
    case 'transferred':
    case 'released':
      return 'verify';
    case 'aborted':
      return undefined;
  }
}

export interface EntryFields {
  readonly kind: JournalEntryKind;
  readonly step: MoveStep | null;
  readonly state: MoveState;
  readonly attempt?: number;
  readonly version?: number;
  readonly failure?: MoveFailure | null;
}

/** A journal entry of a move with what goes without saying filled in. */
export function journalEntry(
  planId: string,
  move: Move,
  at: number,
  fencingToken: number,
  fields: EntryFields,
): JournalEntry {
  return {
    planId,
    moveId: move.id,
    at,
    kind: fields.kind,
    step: fields.step,
    attempt: fields.attempt ?? 1,
    state: fields.state,
    version: fields.version ?? 0,
    fencingToken,
    failure: fields.failure ?? null,
  };
}
