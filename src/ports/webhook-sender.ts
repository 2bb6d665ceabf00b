import type { MeshEvent } from '../domain/event.ts';

/**
 * Hands one message to the receiver of a webhook: signed, once, without retries and without following redirects.
 * `webhook` is its name in the configuration. Never rejects: what went wrong is in the answer.
 */
export interface WebhookSender {
  /** Every attempt at an event carries the same id, by which the receiver knows it again. */
  deliver(webhook: string, event: MeshEvent, signal: AbortSignal): Promise<WebhookAnswer>;
  /** A message that stands for no event, to see whether the receiver takes what it is sent. */
  ping(webhook: string, ping: WebhookPing, signal: AbortSignal): Promise<WebhookAnswer>;
}

export interface WebhookPing {
  readonly id: string;
  readonly cluster: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Principal. */
  readonly by: string;
}

export interface WebhookAnswer {
  /** Whether the receiver took the message: any status of 200 to 299. */
  readonly accepted: boolean;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What was wrong, as a sentence; empty when it was accepted. Never the receiver's own words. */
  readonly message: string;
  /** The receiver asked not to be called again for so long; milliseconds. */
  readonly retryAfterMs?: number;
}

/** The receiver wants no more of it (410 Gone), now and later. */
export function isGone(answer: WebhookAnswer): boolean {
  return answer.status === 410;
}
