import type { Database } from 'bun:sqlite';
import { type AuditRows, createAuditRows } from './audit.ts';
import { type ContentRows, createContentRows } from './contents.ts';
import { type ControllerRows, createControllerRows } from './controllers.ts';
import { createDeadLetterRows, type DeadLetterRows } from './dead-letters.ts';
import { createEventRows, type EventRows } from './events.ts';
import { createIdempotencyRows, type IdempotencyRows } from './idempotency.ts';
import { createIncidentRows, type IncidentRows } from './incidents.ts';
import { createJournalRows, type JournalRows } from './journal.ts';
import { createLeaseRows, type LeaseRows } from './leases.ts';
import { createMoveTraceRows, type MoveTraceRows } from './move-traces.ts';
import { createNodeAdminRows, type NodeAdminRows } from './node-admin-states.ts';
import { createPlanRows, type PlanRows } from './plans.ts';
import { createPolicyRows, type PolicyRows } from './policies.ts';
import { createWebhookCursorRows, type WebhookCursorRows } from './webhook-cursors.ts';

/** The operations on every table, over one connection. */
export interface Rows {
  readonly plans: PlanRows;
  readonly contents: ContentRows;
  readonly journal: JournalRows;
  readonly moveTraces: MoveTraceRows;
  readonly policies: PolicyRows;
  readonly incidents: IncidentRows;
  readonly controllers: ControllerRows;
  readonly nodeAdminStates: NodeAdminRows;
  readonly webhookCursors: WebhookCursorRows;
  readonly deadLetters: DeadLetterRows;
  readonly idempotency: IdempotencyRows;
  readonly audit: AuditRows;
  readonly events: EventRows;
  readonly leases: LeaseRows;
}

/** Prepares the statements; the schema must be there. */
export function createRows(db: Database, retainedEvents: number): Rows {
  return {
    plans: createPlanRows(db),
    contents: createContentRows(db),
    journal: createJournalRows(db),
    moveTraces: createMoveTraceRows(db),
    policies: createPolicyRows(db),
    incidents: createIncidentRows(db),
    controllers: createControllerRows(db),
    nodeAdminStates: createNodeAdminRows(db),
    webhookCursors: createWebhookCursorRows(db),
    deadLetters: createDeadLetterRows(db),
    idempotency: createIdempotencyRows(db),
    audit: createAuditRows(db),
    events: createEventRows(db, retainedEvents),
    leases: createLeaseRows(db),
  };
}
