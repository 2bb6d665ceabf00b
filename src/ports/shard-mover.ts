import type { MoveKind } from '../domain/move.ts';
import type { Problem } from '../domain/problem.ts';

/**
 * Changes ownership: `meshkit.shards.v1.ShardMovementService`. Every call is idempotent by `moveKey`: repeating it
 * returns what the first one did, and while a step runs, repeating it is how to ask whether it has ended. A call
 * with an older fencing token than the fleet has seen for the namespace is refused.
 */
export interface ShardMover {
  /** Copies the replica to the destination (make before break). */
  prepare(call: MoverCall, signal: AbortSignal): Promise<MoverAnswer>;
  /** Parks new work of the replica on the source and waits until what it has is done. */
  drain(call: MoverCall, signal: AbortSignal): Promise<MoverAnswer>;
  /** Compare-and-set of ownership on `expectedVersion`; answers the new version. */
  transfer(call: MoverCall, signal: AbortSignal): Promise<MoverAnswer>;
  /** Frees what the source still holds. */
  release(call: MoverCall, signal: AbortSignal): Promise<MoverAnswer>;
  /** Undoes prepare and drain of a move that has not transferred; a move that has is refused. */
  abort(call: MoverCall, signal: AbortSignal): Promise<MoverAnswer>;
  /** What the fleet knows of the move; changes nothing. */
  status(call: MoverCall, signal: AbortSignal): Promise<MoverStatusAnswer>;
}

export interface MoverCall {
  /** `<planId>/<moveId>`. */
  readonly moveKey: string;
  readonly namespace: string;
  readonly shard: string;
  readonly kind: MoveKind;
  readonly replica: number;
  readonly successor: number;
  readonly source: string;
  readonly destination: string;
  readonly expectedVersion: number;
  readonly fencingToken: number;
  readonly changeTicket: string;
}

/** unreachable: nobody knows whether the call was carried out; ask `status` or repeat. */
export type MoverAnswer =
  | { readonly kind: 'done'; readonly version: number }
  | { readonly kind: 'inProgress'; readonly bytesCopied: number; readonly bytesTotal: number }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly retryable: boolean }
  | { readonly kind: 'unreachable'; readonly problem: Problem };

export type MoverStatusAnswer =
  | { readonly kind: 'known'; readonly phase: MoverPhase; readonly version: number }
  | { readonly kind: 'unknownMove' }
  | { readonly kind: 'unreachable'; readonly problem: Problem };

/** The furthest that the move has come in the fleet. */
export type MoverPhase =
  | 'preparing'
  | 'prepared'
  | 'draining'
  | 'drained'
  | 'transferred'
  | 'released'
  | 'aborted';
