import type { Move, MoveFailure, MoveStep } from '../domain/move.ts';
import type { MoverStatusAnswer } from '../ports/shard-mover.ts';
import { callWithin } from './deadline-call.ts';
import { callTimeoutMs, failureOf, type MoveContext, moverCall, noAnswer } from './move-context.ts';
import { retryDelay } from './retry-delay.ts';
import type { Stage } from './stage.ts';
import { isBeforeTransfer, stepAtPhase } from './steps.ts';

/**
 * Learns from the fleet what became of a call whose answer is missing. While nobody answers, the move is `unknown` and
 * is asked about again at a bounded rate for as long as the plan lives: an outcome is never guessed.
 */
export async function reconcile(
  context: MoveContext,
  move: Move,
  step: MoveStep,
  failure: MoveFailure | null,
): Promise<Stage> {
  for (let asked = 1; ; asked++) {
    if (context.interruption() === 'stop') return { kind: 'stopped' };
    const answer = await statusOf(context, move);
    switch (answer.kind) {
      case 'known':
        return afterKnown(context, move, step, failure, answer);
      case 'unknownMove':
        return afterUnknownMove(context, move);
      case 'unreachable': {
        if (context.journal(move.id).last?.state !== 'unknown') {
          const missing = failure ?? failureOf(answer.problem);
          const entry = { kind: 'stepFailed', step, state: 'unknown', failure: missing } as const;
          if (!(await context.record(move, [entry]))) return { kind: 'stopped' };
        }
        await context.pause(retryDelay(context.policy(), asked, context.deps.random));
      }
    }
  }
}

async function statusOf(context: MoveContext, move: Move): Promise<MoverStatusAnswer> {
  const { clock, mover } = context.deps;
  const call = moverCall(context, move, context.journal(move.id).expectedVersion);
  const ms = callTimeoutMs(context);
  const answer = await callWithin(clock, ms, context.halt, (signal) => mover.status(call, signal));
  return answer ?? { kind: 'unreachable', problem: noAnswer('the status', move, ms) };
}

async function afterKnown(
  context: MoveContext,
  move: Move,
  step: MoveStep,
  failure: MoveFailure | null,
  answer: Extract<MoverStatusAnswer, { kind: 'known' }>,
): Promise<Stage> {
  const next = stepAtPhase(move.kind, answer.phase);
  if (!next) {
    const undone = failure ?? { code: 'MOVE_REFUSED', message: `the fleet has undone move ${move.id}` };
    return { kind: 'end', state: 'failed', step, failure: undone, version: 0 };
  }
  const version = isBeforeTransfer(next) ? 0 : answer.version;
  const entry = { kind: 'reconciled', step: next, state: 'running', version } as const;
  if (!(await context.record(move, [entry]))) return { kind: 'stopped' };
  if (isBeforeTransfer(next) && isTooLate(context, move)) {
    const message = `move ${move.id} did not end within its deadline; it had come as far as ${answer.phase}`;
    return { kind: 'abort', step: next, failure: failure ?? { code: 'MOVE_TIMEOUT', message } };
  }
  return { kind: 'continue', step: next };
}

/** The call never arrived, or the fleet has forgotten the move: the registry tells which. */
async function afterUnknownMove(context: MoveContext, move: Move): Promise<Stage> {
  const { transferred, progress } = context.journal(move.id);
  if (!transferred) return { kind: 'start' };
  const version = progress.resultVersion;
  const entry = { kind: 'reconciled', step: 'verify', state: 'running', version } as const;
  return (await context.record(move, [entry])) ? { kind: 'continue', step: 'verify' } : { kind: 'stopped' };
}

function isTooLate(context: MoveContext, move: Move): boolean {
  const { startedAt } = context.journal(move.id).progress;
  return context.deps.clock.now() - startedAt >= context.policy().moveTimeoutMs;
}
