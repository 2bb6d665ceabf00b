import type { Move, MoveFailure, MoveStep } from '../domain/move.ts';
import type { Plan } from '../domain/plan.ts';
import type { ExecutionPolicy } from '../domain/policy.ts';
import type { Problem } from '../domain/problem.ts';
import type { MoverCall } from '../ports/shard-mover.ts';
import type { ExecutionDeps } from './execution-deps.ts';
import type { MoveJournal } from './journal.ts';
import type { EntryEffects } from './plan-log.ts';
import type { EntryFields } from './steps.ts';

/** What running a move sees of the execution that it belongs to. */
export interface MoveContext {
  readonly deps: ExecutionDeps;
  plan(): Plan;
  policy(): ExecutionPolicy;
  /** stop: the service stops, leave everything where it is. abort: undo the move if it has not transferred. */
  interruption(): Interruption;
  /** Waits between two calls; an interruption ends the wait, never a call. */
  pause(ms: number): Promise<void>;
  /** Aborts when nothing that a call answers matters any more: the lease is lost. */
  readonly halt: AbortSignal;
  /** Says that the fleet knows a newer owner of the namespace. */
  markLost(): void;
  journal(moveId: string): MoveJournal;
  /** Writes entries of the move, then folds them; false when the lease was lost. */
  record(move: Move, entries: readonly EntryFields[], effects?: EntryEffects): Promise<boolean>;
  /** Told while the destination copies. */
  onBytes(moveId: string, bytesCopied: number): void;
}

export type Interruption = 'none' | 'stop' | 'abort';

/** A step of a move that is a call to the mover. */
export type CalledStep = Exclude<MoveStep, 'verify'> | 'abort';

export function moverCall(context: MoveContext, move: Move, expectedVersion: number): MoverCall {
  const plan = context.plan();
  return {
    moveKey: `${plan.id}/${move.id}`,
    namespace: plan.namespace,
    shard: move.shard,
    kind: move.kind,
    replica: move.replica,
    successor: move.successor,
    source: move.source,
    destination: move.destination,
    expectedVersion,
    fencingToken: context.deps.fence().token,
    changeTicket: plan.changeTicket,
  };
}

/** Longest wait for one answer, milliseconds: a fleet that has not answered by then is asked again. */
const maxCallMs = 10_000;

export function callTimeoutMs(context: MoveContext): number {
  return Math.max(1, Math.min(maxCallMs, context.policy().stepTimeoutMs));
}

export function noAnswer(what: string, move: Move, ms: number): Problem {
  return {
    code: 'FLEET_UNREACHABLE',
    message: `the fleet did not answer ${what} of move ${move.id} within ${ms} ms`,
    subject: `shard/${move.shard}`,
  };
}

export function failureOf(problem: Problem): MoveFailure {
  return { code: problem.code, message: problem.message };
}
