import type { EventType, MeshEvent } from './event.ts';

/** A receiver of the cluster's events, as configured; how it is reached and signed for is the sender's. */
export interface Webhook {
  /** Unique in the configuration; its position in the feed is kept under this name. */
  readonly name: string;
  /** For people to see: without a query, which may hold a secret. */
  readonly url: string;
  /** Empty for all. */
  readonly events: readonly EventType[];
  /** Events of these namespaces; empty for all, those of the whole cluster included. */
  readonly namespaces: readonly string[];
  /** Attempts at one event before it becomes a dead letter; from 1. */
  readonly maxAttempts: number;
}

/** How far a webhook has come in the feed, and how its receiver answers. */
export interface WebhookCursor {
  readonly cluster: string;
  readonly webhook: string;
  /** Sequence of the last event that is done with: accepted, given up or not wanted. */
  readonly position: number;
  /** Attempts that the event after the position has failed so far. */
  readonly attempts: number;
  /** Before this time it is not tried again; 0: at once. */
  readonly nextAttemptAt: number;
  /** When the receiver said that it wants no more (410 Gone); 0 while it does. */
  readonly stoppedAt: number;
  /** Events that the receiver accepted since the cursor exists. */
  readonly delivered: number;
  /** Events that left the feed's window before their turn came. */
  readonly missed: number;
  /** The newest attempt; null before the first. */
  readonly last: WebhookAttempt | null;
  readonly revision: number;
}

export interface WebhookAttempt {
  readonly at: number;
  readonly accepted: boolean;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What was wrong, as a sentence; empty when it was accepted. */
  readonly message: string;
}

/** An event that a receiver would not take; kept until it is delivered after all, dropped, or too old. */
export interface DeadLetter {
  readonly cluster: string;
  readonly webhook: string;
  readonly event: MeshEvent;
  /** Attempts so far, redeliveries included. */
  readonly attempts: number;
  /** The newest attempt. */
  readonly last: WebhookAttempt;
  /** Somebody asked for another attempt that has not been made yet. */
  readonly redeliver: boolean;
}

/** Whether a webhook wants an event. */
export function wantsEvent(webhook: Pick<Webhook, 'events' | 'namespaces'>, event: MeshEvent): boolean {
  const { events, namespaces } = webhook;
  if (events.length > 0 && !events.includes(event.type)) return false;
  return namespaces.length === 0 || namespaces.includes(event.namespace);
}
