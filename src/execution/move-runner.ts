import type { Move, MoveFailure, MoveStep } from '../domain/move.ts';
import { callWithin } from './deadline-call.ts';
import {
  moveEndAudit,
  moveEndedEvent,
  moveStartedEvent,
  moveSteppedEvent,
  moveTraceOf,
} from './execution-records.ts';
import { nextAction } from './journal.ts';
import { callTimeoutMs, failureOf, type MoveContext, noAnswer } from './move-context.ts';
import { checkPrecondition } from './placement-check.ts';
import { reconcile } from './reconcile.ts';
import { retryDelay } from './retry-delay.ts';
import type { Stage } from './stage.ts';
import { callStep } from './step-call.ts';
import { isBeforeTransfer, stepAfter, stepsOf } from './steps.ts';
import { verifyTransfer } from './verify.ts';

/** How far `runMove` brought a move. */
export type MoveResult =
  | { readonly kind: 'ended' }
  /** The service stops or lost its lease; the journal says where to go on. */
  | { readonly kind: 'stopped' }
  /** The registry could not be asked whether the precondition holds; nothing was sent. */
  | { readonly kind: 'notStarted'; readonly failure: MoveFailure };

/** Turns between stages that one move may take; a move that needs more is a bug, not a slow fleet. */
const maxStages = 10_000;

/**
 * Runs a move from wherever its journal says it is to its final state. Each step's intent is durable before its call
 * leaves; the outcome of a step and the intent of the next are one commit.
 *
 * @param expectedVersion registry version that the move expects, when nothing of it was journaled yet
 */
export async function runMove(
  context: MoveContext,
  move: Move,
  expectedVersion: number,
): Promise<MoveResult> {
  let stage: Stage = nextAction(move, context.journal(move.id));
  for (let turn = 0; turn < maxStages; turn++) {
    switch (stage.kind) {
      case 'nothing':
        return { kind: 'ended' };
      case 'stopped':
        return { kind: 'stopped' };
      case 'notStarted':
        return stage;
      case 'start':
        stage = await begin(context, move, versionOf(context, move, expectedVersion));
        break;
      case 'continue':
        stage = await intend(context, move, stage.step, versionOf(context, move, expectedVersion));
        break;
      case 'call':
        stage = await carryOut(context, move, stage.step, versionOf(context, move, expectedVersion));
        break;
      case 'reconcile':
        stage = await reconcile(context, move, stage.step, stage.failure ?? null);
        break;
      case 'abort':
        stage = await undo(context, move, stage.step, stage.failure);
        break;
      case 'end':
        stage = await end(context, move, stage);
        break;
    }
  }
  throw new Error(`move ${move.id} did not end after ${maxStages} stages`);
}

function versionOf(context: MoveContext, move: Move, expectedVersion: number): number {
  const journaled = context.journal(move.id).expectedVersion;
  return journaled >= 0 ? journaled : expectedVersion;
}

/** Asks the registry whether the world is still the plan's; nothing was sent to the mover yet. */
async function begin(context: MoveContext, move: Move, expectedVersion: number): Promise<Stage> {
  const { clock, registry, random } = context.deps;
  const policy = context.policy();
  for (let attempt = 1; ; attempt++) {
    if (context.interruption() === 'stop') return { kind: 'stopped' };
    const ms = callTimeoutMs(context);
    const namespace = context.plan().namespace;
    const found = await callWithin(clock, ms, context.halt, (signal) =>
      registry.get(namespace, move.shard, signal),
    );
    if (found?.ok) {
      context.deps.onShardRead?.(found.value);
      const precondition = checkPrecondition(move, expectedVersion, found.value);
      if (precondition.kind === 'holds') return intend(context, move, stepsOf(move.kind)[0], expectedVersion);
      if (precondition.kind === 'drifted') {
        return { kind: 'end', state: 'failed', step: null, failure: precondition.failure, version: 0 };
      }
      // Sent before and forgotten by the fleet: it took effect all the same, and verify and release remain.
      if (context.journal(move.id).last) {
        const { version } = precondition;
        const entry = { kind: 'reconciled', step: 'verify', state: 'running', version } as const;
        if (!(await context.record(move, [entry]))) return { kind: 'stopped' };
        return { kind: 'continue', step: 'verify' };
      }
      return { kind: 'end', state: 'skipped', step: null, failure: null, version: precondition.version };
    }
    const problem = found?.error ?? noAnswer('the precondition', move, ms);
    if (problem.code === 'SHARD_NOT_FOUND') {
      const failure = { code: 'PLAN_DRIFTED', message: `shard ${move.shard} is no longer in the registry` };
      return { kind: 'end', state: 'failed', step: null, failure, version: 0 };
    }
    // Once something was sent, only the fleet's answer ends the question.
    if (attempt >= policy.maxAttempts && !context.journal(move.id).last) {
      return { kind: 'notStarted', failure: failureOf(problem) };
    }
    await context.pause(retryDelay(policy, attempt, random));
  }
}

/** Makes the intent of a step durable; only then may its call leave. */
async function intend(
  context: MoveContext,
  move: Move,
  step: MoveStep,
  expectedVersion: number,
): Promise<Stage> {
  const interruption = context.interruption();
  if (interruption === 'stop') return { kind: 'stopped' };
  const first = context.journal(move.id).last === null;
  if (interruption === 'abort' && isBeforeTransfer(step)) return abortedStage(move, step, first);
  const now = context.deps.clock.now();
  const events = first ? [moveStartedEvent(context.plan(), move, now)] : [];
  const entry = { kind: 'intended', step, state: 'running', version: expectedVersion } as const;
  return (await context.record(move, [entry], { events })) ? { kind: 'call', step } : { kind: 'stopped' };
}

/** A move of a plan that is being cancelled; one that never began needs no undoing. */
function abortedStage(move: Move, step: MoveStep, first: boolean): Stage {
  const failure = { code: 'MOVE_ABORTED', message: `move ${move.id} was undone: its plan was cancelled` };
  if (first) return { kind: 'end', state: 'aborted', step: null, failure, version: 0 };
  return { kind: 'abort', step, failure };
}

async function carryOut(
  context: MoveContext,
  move: Move,
  step: MoveStep,
  expectedVersion: number,
): Promise<Stage> {
  const onRetry = (attempt: number, failure: MoveFailure): Promise<boolean> =>
    context.record(move, [
      { kind: 'stepFailed', step, state: 'running', attempt: attempt - 1, failure },
      { kind: 'intended', step, state: 'running', attempt, version: expectedVersion },
    ]);
  const outcome =
    step === 'verify'
      ? await verifyTransfer(context, move)
      : await callStep(context, move, step, expectedVersion, onRetry);
  switch (outcome.kind) {
    case 'done':
      return advance(context, move, step, outcome.version, expectedVersion);
    case 'failed':
      return failedStage(context, move, step, outcome.failure);
    case 'unknown':
      return { kind: 'reconcile', step, failure: outcome.failure };
    case 'interrupted':
      return context.interruption() === 'abort' ? abortedStage(move, step, false) : { kind: 'stopped' };
  }
}

/** The outcome of a step and the intent of the next, or the end, in one commit. */
async function advance(
  context: MoveContext,
  move: Move,
  step: MoveStep,
  version: number,
  expectedVersion: number,
): Promise<Stage> {
  const next = stepAfter(move.kind, step);
  const done = { kind: 'stepDone', step, state: 'running', version } as const;
  const stepped = moveSteppedEvent(context.plan(), move, context.deps.clock.now(), step);
  if (!next) {
    const leaves = context.journal(move.id).progress.resultVersion;
    return end(context, move, { kind: 'end', state: 'done', step, failure: null, version: leaves }, done);
  }
  const interruption = context.interruption();
  if (interruption !== 'none' && (interruption === 'stop' || isBeforeTransfer(next))) {
    if (!(await context.record(move, [done], { events: [stepped] }))) return { kind: 'stopped' };
    return interruption === 'stop' ? { kind: 'stopped' } : abortedStage(move, next, false);
  }
  const intended = { kind: 'intended', step: next, state: 'running', version: expectedVersion } as const;
  const written = await context.record(move, [done, intended], { events: [stepped] });
  return written ? { kind: 'call', step: next } : { kind: 'stopped' };
}

function failedStage(context: MoveContext, move: Move, step: MoveStep, failure: MoveFailure): Stage {
  if (isBeforeTransfer(step)) return { kind: 'abort', step, failure };
  const version = context.journal(move.id).progress.resultVersion;
  // The replica is in its new place and serves; what the source still holds is worth a remark, not a failure.
  if (step === 'release') return { kind: 'end', state: 'done', step, failure, version };
  return { kind: 'end', state: 'failed', step, failure, version };
}

/** Undoes what the move prepared; a fleet that cannot be reached is asked until it answers. */
async function undo(context: MoveContext, move: Move, step: MoveStep, failure: MoveFailure): Promise<Stage> {
  const { last } = context.journal(move.id);
  if (last?.kind !== 'stepFailed' || last.failure?.code !== failure.code || last.state !== 'running') {
    const entry = { kind: 'stepFailed', step, state: 'running', failure } as const;
    if (!(await context.record(move, [entry]))) return { kind: 'stopped' };
  }
  const expectedVersion = versionOf(context, move, 0);
  const state = failure.code === 'MOVE_ABORTED' ? 'aborted' : 'failed';
  const outcome = await callStep(context, move, 'abort', expectedVersion, async () => true);
  switch (outcome.kind) {
    case 'done':
      return { kind: 'end', state, step, failure, version: 0 };
    case 'failed':
      return afterRefusedAbort(context, move, step, failure, outcome.failure);
    case 'unknown':
      await context.pause(context.policy().maxBackoffMs);
      return { kind: 'abort', step, failure };
    case 'interrupted':
      return { kind: 'stopped' };
  }
}

/** A refused abort means that the move has transferred, that the fleet never heard of it, or that it cannot. */
async function afterRefusedAbort(
  context: MoveContext,
  move: Move,
  step: MoveStep,
  failure: MoveFailure,
  refusal: MoveFailure,
): Promise<Stage> {
  const state = failure.code === 'MOVE_ABORTED' ? 'aborted' : 'failed';
  if (refusal.code === 'MOVE_NOT_FOUND') return { kind: 'end', state, step, failure, version: 0 };
  const stage = await reconcile(context, move, step, failure);
  if (stage.kind !== 'continue' || isBeforeTransfer(stage.step)) {
    if (stage.kind === 'stopped') return stage;
    const message = `${failure.message}; undoing it was refused: ${refusal.message}`;
    return { kind: 'end', state, step, failure: { code: failure.code, message }, version: 0 };
  }
  return stage;
}

async function end(
  context: MoveContext,
  move: Move,
  ending: Extract<Stage, { kind: 'end' }>,
  before?: Parameters<MoveContext['record']>[1][number],
): Promise<Stage> {
  const { state, step, failure, version } = ending;
  const plan = context.plan();
  const at = context.deps.clock.now();
  const entries = [...(before ? [before] : []), { kind: 'ended', step, state, failure, version } as const];
  const written = await context.record(move, entries, {
    audit: [moveEndAudit(plan, move, at, state, version, failure)],
    events: [moveEndedEvent(plan, move, at, state, failure)],
    moveTraces: state === 'done' ? [moveTraceOf(plan, move, at)] : [],
  });
  return written ? { kind: 'nothing' } : { kind: 'stopped' };
}
