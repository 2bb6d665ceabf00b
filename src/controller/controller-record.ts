import type { AuditDraft } from '../domain/audit-record.ts';
import {
  type ControllerRecord,
  type ControllerState,
  controllerTransitions,
  mayControllerGo,
} from '../domain/controller-state.ts';
import type { MeshEventDraft } from '../domain/event.ts';

/** Why a controller is where it is, for people; `code` is an error code or one of the words of `transition.ts`. */
export type Diagnosis = ControllerRecord['diagnosis'];

/** A controller that has never looked. */
export function freshRecord(cluster: string, namespace: string, now: number): ControllerRecord {
  return {
    cluster,
    namespace,
    state: 'steady',
    since: now,
    triggers: [],
    triggeredSince: 0,
    planId: '',
    notBefore: 0,
    fruitless: 0,
    diagnosis: { code: 'steady', message: 'nothing has been looked at yet' },
    lastEvaluatedAt: 0,
    lastScheduledAt: 0,
    revision: 0,
  };
}

/** One step along the table of states. */
export interface ControllerStep {
  readonly from: ControllerState;
  readonly to: ControllerState;
  readonly diagnosis: Diagnosis;
}

/** @throws Error when the table of states has no such transition: deciding on one is a bug. */
export function enterState(
  record: ControllerRecord,
  to: ControllerState,
  now: number,
  change: Partial<ControllerRecord> & { readonly diagnosis: Diagnosis },
): { readonly record: ControllerRecord; readonly step: ControllerStep } {
  if (!mayControllerGo(record.state, to)) {
    const legal = controllerTransitions.filter((each) => each.from === record.state).map((each) => each.to);
    throw new Error(`a ${record.state} controller cannot become ${to}, only ${legal.join(', ')}`);
  }
  return {
    record: { ...record, ...change, state: to, since: now },
    step: { from: record.state, to, diagnosis: change.diagnosis },
  };
}

/** The states between two, both left out, by the shortest legal way; undefined when there is none. */
export function wayBetween(
  from: ControllerState,
  to: ControllerState,
): readonly ControllerState[] | undefined {
  const ways: ControllerState[][] = [[from]];
  const seen = new Set<ControllerState>([from]);
  for (const way of ways) {
    const last = way.at(-1) ?? from;
    for (const { to: next } of controllerTransitions.filter((each) => each.from === last)) {
      if (next === to) return way.slice(1);
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** What must be committed together with a record that took a step. */
export function recordsOfStep(
  record: ControllerRecord,
  step: ControllerStep,
  now: number,
  by: { readonly principal: string; readonly transport: string },
): { readonly audit: AuditDraft; readonly event: MeshEventDraft } {
  const subject = `controller/${record.namespace}`;
  const common = { at: now, cluster: record.cluster, namespace: record.namespace, subject };
  return {
    audit: {
      ...common,
      actor: by.principal,
      action: 'controller.transition',
      reason: step.diagnosis.message,
      changeTicket: '',
      transport: by.transport,
      outcome: 'ok',
      before: '',
      after: '',
      details: { from: step.from, to: step.to, code: step.diagnosis.code, planId: record.planId },
    },
    event: {
      ...common,
      type: 'controllerTransition',
      data: {
        from: step.from,
        to: step.to,
        code: step.diagnosis.code,
        message: step.diagnosis.message,
        planId: record.planId,
        triggers: record.triggers.join(', '),
      },
    },
  };
}
