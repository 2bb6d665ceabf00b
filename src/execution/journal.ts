import type { JournalEntry } from '../domain/journal-entry.ts';
import { type Move, type MoveFailure, type MoveProgress, type MoveStep, moveSteps } from '../domain/move.ts';
import { movesFromNowhere, stepsOf } from './steps.ts';

/** A move as its journal entries tell it. */
export interface MoveJournal {
  readonly progress: MoveProgress;
  /** Version that the move's first call expected; -1 while none was intended. */
  readonly expectedVersion: number;
  /** Whether the ownership is known to have changed. */
  readonly transferred: boolean;
  readonly last: JournalEntry | null;
}

/** What to do about a move whose journal was found, for instance after a crash. */
export type NextAction =
  /** Nothing was sent: begin with the precondition. */
  | { readonly kind: 'start' }
  /** It reached its final state. */
  | { readonly kind: 'nothing' }
  /** Everything before `step` is known to be done and `step` was not sent. */
  | { readonly kind: 'continue'; readonly step: MoveStep }
  /** `step` may or may not have been carried out: ask the fleet. */
  | { readonly kind: 'reconcile'; readonly step: MoveStep }
  /** It failed, and what it had prepared is perhaps not yet undone. */
  | { readonly kind: 'abort'; readonly step: MoveStep; readonly failure: MoveFailure };

export function untouched(moveId: string): MoveJournal {
  return {
    progress: {
      moveId,
      state: 'pending',
      step: null,
      attempts: 0,
      startedAt: 0,
      endedAt: 0,
      resultVersion: 0,
      failure: null,
    },
    expectedVersion: -1,
    transferred: false,
    last: null,
  };
}

/** The progress of each move, in the order of `moves`. Entries of moves that are not among them are ignored. */
export function foldJournal(moves: readonly Move[], entries: readonly JournalEntry[]): MoveProgress[] {
  const journals = foldMoves(moves, entries);
  return moves.map((move) => (journals.get(move.id) ?? untouched(move.id)).progress);
}

/** As `foldJournal`, with what the execution itself needs to go on; by move id. */
export function foldMoves(
  moves: readonly Move[],
  entries: readonly JournalEntry[],
): Map<string, MoveJournal> {
  const journals = new Map(moves.map((move) => [move.id, untouched(move.id)]));
  for (const entry of entries) {
    const journal = journals.get(entry.moveId);
    if (journal) journals.set(entry.moveId, foldEntry(journal, entry));
  }
  return journals;
}

/** One entry later. */
export function foldEntry(journal: MoveJournal, entry: JournalEntry): MoveJournal {
  const before = journal.progress;
  const ended = entry.kind === 'ended';
  const transferred = journal.transferred || provesTransfer(entry);
  const intendsChange = entry.kind === 'intended' && journal.expectedVersion < 0;
  return {
    progress: {
      moveId: before.moveId,
      state: entry.state,
      step: entry.step ?? before.step,
      attempts: entry.kind === 'intended' ? before.attempts + 1 : before.attempts,
      startedAt: before.startedAt || (ended && journal.last === null ? 0 : entry.at),
      endedAt: ended ? entry.at : 0,
      resultVersion: leavesVersion(entry) ? entry.version : before.resultVersion,
      failure: entry.failure ?? (entry.kind === 'stepDone' || ended ? null : before.failure),
    },
    expectedVersion: intendsChange ? entry.version : journal.expectedVersion,
    transferred,
    last: entry,
  };
}

/** What may have happened since the last entry, and what to do about it. */
export function nextAction(move: Move, journal: MoveJournal): NextAction {
  const { last } = journal;
  if (last === null) return { kind: 'start' };
  const steps = stepsOf(move.kind);
  const step = last.step ?? steps[0];
  switch (last.kind) {
    case 'ended':
      return { kind: 'nothing' };
    case 'intended':
      return { kind: 'reconcile', step };
    case 'stepDone': {
      const following = steps[steps.indexOf(step) + 1];
      return following ? { kind: 'continue', step: following } : { kind: 'reconcile', step };
    }
    case 'stepFailed':
      if (last.state === 'unknown' || last.failure === null) return { kind: 'reconcile', step };
      return { kind: 'abort', step, failure: last.failure };
    case 'reconciled':
      return { kind: 'continue', step };
  }
}

/** A transfer that was answered, or that the fleet reported when it was asked. */
function provesTransfer(entry: JournalEntry): boolean {
  if (entry.kind === 'stepDone') return entry.step === 'transfer';
  if (entry.kind !== 'reconciled' || entry.step === null) return false;
  return moveSteps.indexOf(entry.step) > moveSteps.indexOf('transfer');
}

/** Entries whose version is one that the move left, or, for a move already satisfied, found. */
function leavesVersion(entry: JournalEntry): boolean {
  if (entry.version <= 0) return false;
  return provesTransfer(entry) || (entry.kind === 'ended' && movesFromNowhere(entry.state));
}
