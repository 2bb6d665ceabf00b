import type { Random } from '../base/random.ts';
import type { MeshEvent } from '../domain/event.ts';
import type { DeadLetter, Webhook, WebhookAttempt, WebhookCursor } from '../domain/webhook.ts';
import { isGone, type WebhookAnswer } from '../ports/webhook-sender.ts';

/** The first wait after a failure; it doubles with every further one. */
const firstRetryMs = 1_000;
/** The longest wait of ours: a receiver that is back gets its events within ten minutes. */
export const maxRetryMs = 600_000;
/** The longest wait that a receiver may ask for. */
export const maxRetryAfterMs = 3_600_000;

export interface AttemptOutcome {
  readonly cursor: WebhookCursor;
  /** The event, when the receiver has had its last chance. */
  readonly deadLetter?: DeadLetter;
}

export interface Attempted {
  /** As stored; the event is the first after its position that the webhook wants. */
  readonly cursor: WebhookCursor;
  readonly webhook: Webhook;
  readonly event: MeshEvent;
  readonly answer: WebhookAnswer;
  /** When the answer came. */
  readonly now: number;
}

/**
 * What an attempt at the next event comes to. Accepted: it is done with. Refused or unanswered: it is tried again after
 * a wait that doubles, and those behind it wait, so that the receiver sees the feed in order; after `maxAttempts` it
 * becomes a dead letter and the next one has its turn. Gone: nothing more is sent until somebody resumes the webhook.
 */
export function afterAttempt(attempted: Attempted, random: Random): AttemptOutcome {
  const { webhook, event, answer, now } = attempted;
  const cursor = {
    ...attempted.cursor,
    last: attemptOf(answer, now),
    revision: attempted.cursor.revision + 1,
  };
  const done = { ...cursor, position: event.sequence, attempts: 0, nextAttemptAt: 0 };
  if (answer.accepted) return { cursor: { ...done, delivered: cursor.delivered + 1 } };
  if (isGone(answer)) return { cursor: { ...cursor, stoppedAt: now } };
  const attempts = cursor.attempts + 1;
  if (attempts < webhook.maxAttempts) {
    return { cursor: { ...cursor, attempts, nextAttemptAt: now + waitMs(attempts, answer, random) } };
  }
  const deadLetter: DeadLetter = {
    cluster: cursor.cluster,
    webhook: cursor.webhook,
    event,
    attempts,
    last: attemptOf(answer, now),
    redeliver: false,
  };
  return { cursor: done, deadLetter };
}

/** What a further attempt at a dead letter comes to; `letter` is absent when it was delivered after all. */
export function afterRedelivery(
  cursor: WebhookCursor,
  letter: DeadLetter,
  answer: WebhookAnswer,
  now: number,
): { readonly cursor: WebhookCursor; readonly letter?: DeadLetter } {
  const last = attemptOf(answer, now);
  const seen = { ...cursor, last, revision: cursor.revision + 1 };
  if (answer.accepted) return { cursor: { ...seen, delivered: cursor.delivered + 1 } };
  return {
    cursor: isGone(answer) ? { ...seen, stoppedAt: now } : seen,
    letter: { ...letter, attempts: letter.attempts + 1, last, redeliver: false },
  };
}

/** From half to all of the step, so that many webhooks of one receiver do not return as one. */
function waitMs(attempts: number, answer: WebhookAnswer, random: Random): number {
  const stepMs = Math.min(maxRetryMs, firstRetryMs * 2 ** (attempts - 1));
  const askedForMs = Math.min(maxRetryAfterMs, answer.retryAfterMs ?? 0);
  return Math.max(askedForMs, Math.ceil(stepMs * (0.5 + random.next() / 2)));
}

function attemptOf({ accepted, status, message }: WebhookAnswer, at: number): WebhookAttempt {
  return { at, accepted, status, message };
}
