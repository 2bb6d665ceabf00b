import type { ControllerRecord } from '../domain/controller-state.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { CommitBatch, Store } from '../ports/store.ts';
import {
  type ControllerStep,
  type Diagnosis,
  enterState,
  freshRecord,
  recordsOfStep,
  wayBetween,
} from './controller-record.ts';

/** The stored record of a namespace's controller, or that of one that never looked. */
export async function readRecord(
  store: Store,
  cluster: string,
  namespace: string,
  now: number,
): Promise<ControllerRecord> {
  const records = await store.controllers();
  const found = records.find((each) => each.cluster === cluster && each.namespace === namespace);
  return found ?? freshRecord(cluster, namespace, now);
}

/** What stores a record that took steps: its next revision, and an audit record and an event per step. */
export function writeOfRecord(
  record: ControllerRecord,
  steps: readonly { readonly record: ControllerRecord; readonly step: ControllerStep }[],
  now: number,
  by: { readonly principal: string; readonly transport: string },
): CommitBatch {
  const told = steps.map((each) => recordsOfStep(each.record, each.step, now, by));
  return {
    controllers: [{ ...record, revision: record.revision + 1 }],
    audit: told.map((each) => each.audit),
    events: told.map((each) => each.event),
  };
}

/**
 * What takes the controller to planPending because somebody made a plan: every step on the way, in one write. The
 * record's revision in the same commit as the plan is what keeps a namespace at one plan.
 */
export function writeOfPersonsPlan(
  record: ControllerRecord,
  planId: string,
  now: number,
  context: CommandContext,
): CommitBatch {
  const who = context.principal.id;
  const diagnosis: Diagnosis = { code: 'requested', message: `${who} asked for plan ${planId}` };
  const way = [...(wayBetween(record.state, 'planPending') ?? []), 'planPending' as const];
  const steps: { record: ControllerRecord; step: ControllerStep }[] = [];
  let current = record;
  for (const state of way) {
    const change = { planId: state === 'planPending' ? planId : '', diagnosis, notBefore: 0, fruitless: 0 };
    const entered = enterState(current, state, now, change);
    steps.push(entered);
    current = entered.record;
  }
  return writeOfRecord(current, steps, now, { principal: who, transport: context.transport });
}

/** Several writes as one, in their order; at most one of them has a fence. */
export function joinBatches(...batches: readonly CommitBatch[]): CommitBatch {
  const all = <T>(part: (batch: CommitBatch) => readonly T[] | undefined): readonly T[] =>
    batches.flatMap((batch) => part(batch) ?? []);
  const fence = batches.find((batch) => batch.fence)?.fence;
  return {
    ...(fence && { fence }),
    plans: all((batch) => batch.plans),
    planContents: all((batch) => batch.planContents),
    snapshots: all((batch) => batch.snapshots),
    incidents: all((batch) => batch.incidents),
    controllers: all((batch) => batch.controllers),
    idempotency: all((batch) => batch.idempotency),
    audit: all((batch) => batch.audit),
    events: all((batch) => batch.events),
  };
}
