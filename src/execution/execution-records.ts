import type { AuditDraft } from '../domain/audit-record.ts';
import type { EventValue, MeshEventDraft } from '../domain/event.ts';
import type { Move, MoveFailure, MoveState, MoveStep } from '../domain/move.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { Plan, PlanProgress } from '../domain/plan.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { Verdict } from '../domain/verdict.ts';

/** What watchers and the audit trail are told of an execution: one function per kind of record. */

export function moveStartedEvent(plan: Plan, move: Move, at: number): MeshEventDraft {
  return moveEvent(plan, move, at, 'moveStarted', {
    wave: move.wave,
    kind: move.kind,
    replica: move.replica,
    bytes: move.bytes,
  });
}

export function moveSteppedEvent(plan: Plan, move: Move, at: number, step: MoveStep): MeshEventDraft {
  return moveEvent(plan, move, at, 'moveStepped', { step });
}

export function moveEndedEvent(
  plan: Plan,
  move: Move,
  at: number,
  state: MoveState,
  failure: MoveFailure | null,
): MeshEventDraft {
  return moveEvent(plan, move, at, 'moveEnded', {
    state,
    code: failure?.code ?? null,
    message: failure?.message ?? null,
  });
}

export function planProgressEvent(plan: Plan, progress: PlanProgress, at: number): MeshEventDraft {
  return {
    ...about(plan, at),
    type: 'planProgress',
    data: {
      pending: progress.pending,
      running: progress.running,
      done: progress.done,
      failed: progress.failed,
      aborted: progress.aborted,
      skipped: progress.skipped,
      unknown: progress.unknown,
      bytesDone: progress.bytesDone,
      remainingMs: progress.remaining?.expectedMs ?? null,
    },
  };
}

/** @param moveId empty for a verdict about the plan as a whole */
export function verdictEvent(plan: Plan, moveId: string, verdict: Verdict, at: number): MeshEventDraft {
  return {
    ...about(plan, at),
    type: 'guardrailVerdict',
    data: {
      code: verdict.code,
      decision: verdict.decision,
      moveId,
      about: verdict.subject,
      observed: verdict.observed,
      limit: verdict.limit,
      message: verdict.message,
      remedy: verdict.remedy,
    },
  };
}

/** `move.completed`, `move.failed`, `move.aborted` or `move.skipped`. */
export function moveEndAudit(
  plan: Plan,
  move: Move,
  at: number,
  state: MoveState,
  version: number,
  failure: MoveFailure | null,
): AuditDraft {
  return {
    at,
    actor: controllerPrincipal.id,
    action: `move.${state === 'done' ? 'completed' : state}`,
    cluster: plan.cluster,
    namespace: plan.namespace,
    subject: `plan/${plan.id}`,
    reason: failure?.message ?? plan.reason,
    changeTicket: plan.changeTicket,
    transport: 'internal',
    outcome: failure?.code ?? 'ok',
    before: '',
    after: '',
    details: {
      move: move.id,
      kind: move.kind,
      shard: move.shard,
      replica: String(move.replica),
      source: move.source,
      destination: move.destination,
      version: String(version),
      digest: plan.digest,
    },
  };
}

export function moveTraceOf(plan: Plan, move: Move, at: number): MoveTrace {
  return {
    cluster: plan.cluster,
    namespace: plan.namespace,
    planId: plan.id,
    moveId: move.id,
    shard: move.shard,
    replica: move.replica,
    source: move.source,
    destination: move.destination,
    at,
  };
}

function moveEvent(
  plan: Plan,
  move: Move,
  at: number,
  type: MeshEventDraft['type'],
  data: Readonly<Record<string, EventValue>>,
): MeshEventDraft {
  const { id, shard, source, destination } = move;
  return { ...about(plan, at), type, data: { moveId: id, shard, source, destination, ...data } };
}

function about(plan: Plan, at: number): Omit<MeshEventDraft, 'type' | 'data'> {
  return { at, cluster: plan.cluster, namespace: plan.namespace, subject: `plan/${plan.id}` };
}
