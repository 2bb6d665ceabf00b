import type { MoveFailure, MoveState, MoveStep } from '../domain/move.ts';
import type { NextAction } from './journal.ts';

/** Where a running move is between two of its calls: what its journal asks for, or what came out of the last call. */
export type Stage =
  | Exclude<NextAction, { kind: 'reconcile' }>
  | { readonly kind: 'reconcile'; readonly step: MoveStep; readonly failure?: MoveFailure }
  /** The intent is durable; the call may leave. */
  | { readonly kind: 'call'; readonly step: MoveStep }
  | {
      readonly kind: 'end';
      readonly state: MoveState;
      readonly step: MoveStep | null;
      readonly failure: MoveFailure | null;
      readonly version: number;
    }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'notStarted'; readonly failure: MoveFailure };
