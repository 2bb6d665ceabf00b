import type { Move, MoveFailure } from '../domain/move.ts';
import type { MoverAnswer } from '../ports/shard-mover.ts';
import { callWithin } from './deadline-call.ts';
import {
  type CalledStep,
  callTimeoutMs,
  failureOf,
  type MoveContext,
  moverCall,
  noAnswer,
} from './move-context.ts';
import { retryDelay } from './retry-delay.ts';

/** How one step of a move came out. */
export type StepOutcome =
  | { readonly kind: 'done'; readonly version: number }
  /** The fleet said no, or did not get on: nothing of this step took effect. */
  | { readonly kind: 'failed'; readonly failure: MoveFailure }
  /** Nobody knows whether the last call was carried out. */
  | { readonly kind: 'unknown'; readonly failure: MoveFailure }
  /** The execution was interrupted between two calls. */
  | { readonly kind: 'interrupted' };

/** Between two questions whether a step has ended, milliseconds; grows from the first to the last. */
export const firstPollMs = 50;
export const lastPollMs = 2_000;
const pollGrowth = 1.6;

/** What is told before the next attempt; false when it could not be written because the lease was lost. */
export type OnRetry = (attempt: number, failure: MoveFailure) => Promise<boolean>;

/**
 * Calls one step until it is done or cannot be: polls while the fleet works on it, repeats what may be repeated, with
 * growing pauses. The step's deadline counts from the last progress in bytes, the move's from its first entry.
 */
export async function callStep(
  context: MoveContext,
  move: Move,
  step: CalledStep,
  expectedVersion: number,
  onRetry: OnRetry,
): Promise<StepOutcome> {
  const { clock, random } = context.deps;
  const policy = context.policy();
  let progressAt = clock.now();
  let bytes = -1;
  let attempt = 1;
  let pollMs = firstPollMs;

  for (;;) {
    if (interrupts(context, step)) return { kind: 'interrupted' };
    const answer = await answerOf(context, move, step, expectedVersion);
    if (answer.kind === 'done') return { kind: 'done', version: answer.version };
    if (answer.kind === 'inProgress') {
      if (answer.bytesCopied > bytes) {
        progressAt = clock.now();
        bytes = answer.bytesCopied;
        context.onBytes(move.id, bytes);
      }
      if (isOverdue(context, move, step, progressAt)) return overdueOutcome(move, step, answer);
      await context.pause(pollMs * (0.75 + 0.5 * random.next()));
      pollMs = Math.min(lastPollMs, pollMs * pollGrowth);
      continue;
    }
    const failure = failureOf(answer.problem);
    if (failure.code === 'LEASE_LOST') {
      context.markLost();
      return { kind: 'interrupted' };
    }
    const spent = attempt >= policy.maxAttempts || isOverdue(context, move, step, progressAt);
    if (answer.kind === 'unreachable' && spent) return { kind: 'unknown', failure };
    if (answer.kind === 'refused' && (spent || !answer.retryable)) return { kind: 'failed', failure };
    await context.pause(retryDelay(policy, attempt, random));
    attempt++;
    if (interrupts(context, step) || !(await onRetry(attempt, failure))) return { kind: 'interrupted' };
  }
}

async function answerOf(
  context: MoveContext,
  move: Move,
  step: CalledStep,
  expectedVersion: number,
): Promise<MoverAnswer> {
  const { clock, mover } = context.deps;
  const call = moverCall(context, move, expectedVersion);
  const ms = callTimeoutMs(context);
  const answer = await callWithin(clock, ms, context.halt, (signal) => mover[step](call, signal));
  return answer ?? { kind: 'unreachable', problem: noAnswer(step, move, ms) };
}

/** An abort is asked of moves that may still be undone; the steps that come after the transfer go on. */
function interrupts(context: MoveContext, step: CalledStep): boolean {
  const interruption = context.interruption();
  if (interruption === 'abort') return step === 'prepare' || step === 'drain' || step === 'transfer';
  return interruption === 'stop';
}

function isOverdue(context: MoveContext, move: Move, step: CalledStep, progressAt: number): boolean {
  const policy = context.policy();
  const now = context.deps.clock.now();
  if (now - progressAt >= policy.stepTimeoutMs) return true;
  // Undoing and freeing come after the move's own time: they have the step's deadline only.
  if (step === 'abort' || step === 'release') return false;
  return now - context.journal(move.id).progress.startedAt >= policy.moveTimeoutMs;
}

/** A transfer that still runs may take effect any moment, so that its outcome is not known to be a failure. */
function overdueOutcome(
  move: Move,
  step: CalledStep,
  answer: { readonly bytesCopied: number; readonly bytesTotal: number },
): StepOutcome {
  const bytes = `${answer.bytesCopied} of ${answer.bytesTotal} bytes`;
  const failure: MoveFailure = {
    code: 'MOVE_TIMEOUT',
    message: `${step} of move ${move.id} from ${move.source} to ${move.destination} did not end within its deadline, at ${bytes}`,
  };
  return step === 'transfer' || step === 'abort' ? { kind: 'unknown', failure } : { kind: 'failed', failure };
}
