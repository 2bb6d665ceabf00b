import { create } from '@bufbuild/protobuf';
import type { WebhookState, WebhookView } from '../controller/rebalancer.ts';
import type { DeadLetter, WebhookAttempt } from '../domain/webhook.ts';
import {
  type DeadLetter as DeadLetterMessage,
  DeadLetterSchema,
  type WebhookAttempt as WebhookAttemptMessage,
  WebhookAttemptSchema,
  type Webhook as WebhookMessage,
  WebhookSchema,
  WebhookState as WebhookStateValue,
} from '../gen/meshkit/rebalancer/v1/webhook_pb.ts';
import { createEnumCodec } from './enum-codec.ts';
import { eventTypeCodec } from './enums.ts';
import { eventToMessage } from './event-codec.ts';
import { compact, optionalTimeToMessage, timeToMessage, wholeToMessage } from './scalars.ts';

export const webhookStateCodec = createEnumCodec<WebhookState, WebhookStateValue>('WebhookState', {
  new: WebhookStateValue.NEW,
  delivering: WebhookStateValue.DELIVERING,
  retrying: WebhookStateValue.RETRYING,
  stopped: WebhookStateValue.STOPPED,
});

export function webhookToMessage(view: WebhookView): WebhookMessage {
  const { webhook, cursor } = view;
  return create(WebhookSchema, {
    name: webhook.name,
    url: webhook.url,
    events: webhook.events.map(eventTypeCodec.toMessage),
    namespaces: [...webhook.namespaces],
    maxAttempts: webhook.maxAttempts,
    state: webhookStateCodec.toMessage(view.state),
    position: wholeToMessage(cursor?.position ?? 0),
    behind: wholeToMessage(view.behind),
    attempts: cursor?.attempts ?? 0,
    delivered: wholeToMessage(cursor?.delivered ?? 0),
    missed: wholeToMessage(cursor?.missed ?? 0),
    deadLetters: wholeToMessage(view.deadLetters),
    ...compact({
      nextAttemptAt: optionalTimeToMessage(cursor?.nextAttemptAt ?? 0),
      last: cursor?.last ? attemptToMessage(cursor.last) : undefined,
    }),
  });
}

export function attemptToMessage({ at, accepted, status, message }: WebhookAttempt): WebhookAttemptMessage {
  return create(WebhookAttemptSchema, { at: timeToMessage(at), accepted, status, message });
}

export function deadLetterToMessage(letter: DeadLetter): DeadLetterMessage {
  return create(DeadLetterSchema, {
    webhook: letter.webhook,
    event: eventToMessage(letter.event),
    attempts: letter.attempts,
    last: attemptToMessage(letter.last),
    redeliver: letter.redeliver,
  });
}
