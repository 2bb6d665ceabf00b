import type { JsonObject } from '@bufbuild/protobuf';
import type { RestOptions } from '../../gen/meshkit/rebalancer/v1/rest_pb.ts';
import { valueAt } from './etag.ts';
import { problemDocument, problemsOfStatus } from './problem-document.ts';

export const eventStreamContentType = 'text/event-stream';

/** How long a browser waits before it reconnects. */
const retryMs = 2_000;
const encoder = new TextEncoder();

/**
 * A stream of messages as server-sent events (HTML, 9.2): `id` is what `Last-Event-ID` brings back, `event` the type of
 * what happened; a message without an event is a sign of life, which moves the id and nothing else. A failure on the way
 * is an event `error` with the problem document, and the end.
 *
 * @param messages in JSON
 */
export async function* serverSentEvents(
  messages: AsyncIterable<JsonObject>,
  options: RestOptions,
): AsyncGenerator<Uint8Array> {
  yield encoder.encode(`retry: ${retryMs}\n\n`);
  try {
    for await (const message of messages) yield serverSentEvent(message, options);
  } catch (thrown) {
    const problem = problemDocument(problemsOfStatus(thrown));
    yield encoder.encode(`event: error\ndata: ${JSON.stringify(problem)}\n\n`);
  }
}

/** One message of such a stream. */
export function serverSentEvent(message: JsonObject, options: RestOptions): Uint8Array {
  return encoder.encode(eventText(message, options));
}

function eventText(message: JsonObject, options: RestOptions): string {
  const id = options.eventId === '' ? undefined : valueAt(message, options.eventId);
  const idLine = id === undefined ? '' : `id: ${String(id)}\n`;
  if (options.event === '') return `${idLine}data: ${JSON.stringify(message)}\n\n`;
  const event = valueAt(message, options.event);
  if (event === undefined || event === null) return `: alive\n${idLine}\n`;
  const type = valueAt(message, `${options.event}.type`);
  return `${idLine}event: ${wordOf(String(type))}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** `EVENT_TYPE_PLAN_CREATED` → `planCreated`, the word that all other places use. */
function wordOf(type: string): string {
  return type
    .toLowerCase()
    .replace(/^event_type_/, '')
    .replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
