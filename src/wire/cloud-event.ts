import { type JsonValue, toJson } from '@bufbuild/protobuf';
import type { EventType, MeshEvent } from '../domain/event.ts';
import { EventSchema } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import type { WebhookPing } from '../ports/webhook-sender.ts';
import { eventToMessage } from './event-codec.ts';

/** A CloudEvents 1.0 event in structured mode (https://github.com/cloudevents/spec, JSON format). */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** Unique together with the source; the same for every attempt to deliver it. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: JsonValue;
}

export const cloudEventsMediaType = 'application/cloudevents+json';

/** What a message of `TestWebhook` says it is. */
export const pingType = 'meshkit.rebalancer.webhook.ping.v1';

/** `planStatusChanged` → `meshkit.rebalancer.plan.status_changed.v1`: the subject's kind, then what happened to it. */
export function cloudEventType(type: EventType): string {
  const [kind = '', ...rest] = type.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ');
  return `meshkit.rebalancer.${kind}.${rest.join('_')}.v1`;
}

export function eventToCloudEvent(event: MeshEvent): CloudEvent {
  return {
    specversion: '1.0',
    id: `${event.cluster}/${event.sequence}`,
    source: sourceOf(event.cluster),
    type: cloudEventType(event.type),
    subject: event.subject,
    time: new Date(event.at).toISOString(),
    datacontenttype: 'application/json',
    data: toJson(EventSchema, eventToMessage(event)),
  };
}

export function pingToCloudEvent(ping: WebhookPing): CloudEvent {
  return {
    specversion: '1.0',
    id: `${ping.cluster}/ping/${ping.id}`,
    source: sourceOf(ping.cluster),
    type: pingType,
    subject: `principal/${ping.by}`,
    time: new Date(ping.at).toISOString(),
    datacontenttype: 'application/json',
    data: { cluster: ping.cluster, by: ping.by },
  };
}

function sourceOf(cluster: string): string {
  return `/meshkit/clusters/${cluster}`;
}
