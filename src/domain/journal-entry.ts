import type { MoveFailure, MoveState, MoveStep } from './move.ts';

/**
 * The journal of an execution, append-only: an `intended` entry is durable before its call leaves the service, so that
 * after a crash the last entry of a move says what may have happened. `execution/journal.ts` folds entries into
 * `MoveProgress`.
 */
export interface JournalEntry {
  readonly planId: string;
  readonly moveId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: JournalEntryKind;
  readonly step: MoveStep | null;
  /** From 1, per step. */
  readonly attempt: number;
  /** State of the move after this entry. */
  readonly state: MoveState;
  /** Version of the shard that the call expects (`intended`) or left (`stepDone`); 0 where it does not matter. */
  readonly version: number;
  /** Fencing token under which it was written. */
  readonly fencingToken: number;
  readonly failure: MoveFailure | null;
}

/** ended: the move reached its final state. reconciled: a restart learnt from the fleet what had happened. */
export type JournalEntryKind = 'intended' | 'stepDone' | 'stepFailed' | 'reconciled' | 'ended';
