/** What watchers see: one ordered feed per cluster, written in the transaction that made the change. */
export interface MeshEventDraft {
  readonly at: number;
  readonly type: EventType;
  readonly cluster: string;
  readonly namespace: string;
  /** As in audit records. */
  readonly subject: string;
  /** JSON-able facts of the event; small, never a whole plan. */
  readonly data: Readonly<Record<string, EventValue>>;
}

export interface MeshEvent extends MeshEventDraft {
  /** From 1, rising; the resume token of watchers. */
  readonly sequence: number;
}

export type EventValue = string | number | boolean | null;

export const eventTypes = [
  'planCreated',
  'planStatusChanged',
  'planApproved',
  'planProgress',
  'moveStarted',
  'moveStepped',
  'moveEnded',
  'guardrailVerdict',
  'controllerTransition',
  'policyApplied',
  'incidentOpened',
  'incidentClosed',
  'nodeAdminStateChanged',
  'telemetryDegraded',
] as const;
export type EventType = (typeof eventTypes)[number];
