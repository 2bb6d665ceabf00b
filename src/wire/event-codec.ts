import { create, type JsonObject } from '@bufbuild/protobuf';
import type { EventValue, MeshEvent } from '../domain/event.ts';
import { ProblemError } from '../domain/problem.ts';
import { type Event as EventMessage, EventSchema } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import { eventTypeCodec } from './enums.ts';
import { timeFromMessage, timeToMessage, wholeFromMessage, wholeToMessage } from './scalars.ts';

export function eventToMessage(event: MeshEvent): EventMessage {
  return create(EventSchema, {
    sequence: wholeToMessage(event.sequence),
    at: timeToMessage(event.at),
    type: eventTypeCodec.toMessage(event.type),
    cluster: event.cluster,
    namespace: event.namespace,
    subject: event.subject,
    data: { ...event.data } satisfies JsonObject,
  });
}

/** Throws `ProblemError` FIELD_INVALID for a type or a nested value that this program does not know. */
export function eventFromMessage(message: EventMessage): MeshEvent {
  const data: Record<string, EventValue> = {};
  for (const [name, value] of Object.entries(message.data ?? {})) {
    if (typeof value === 'object' && value !== null) {
      throw new ProblemError({
        code: 'FIELD_INVALID',
        message: `the fact ${name} of event ${message.sequence} is nested`,
        field: `data.${name}`,
        limit: 'a text, a number, a truth value or null',
      });
    }
    data[name] = value;
  }
  return {
    sequence: wholeFromMessage(message.sequence),
    at: timeFromMessage(message.at),
    type: eventTypeCodec.fromMessage(message.type),
    cluster: message.cluster,
    namespace: message.namespace,
    subject: message.subject,
    data,
  };
}
