import type { MeshEvent } from '../domain/event.ts';
import { type Webhook, type WebhookCursor, wantsEvent } from '../domain/webhook.ts';
import type { Store } from '../ports/store.ts';

/** What waits for one webhook in the feed. Only read ahead: what is done with stands in the cursor. */
export interface WebhookQueue {
  /**
   * The first event after the cursor that the webhook wants; `missed` instead when the window of the feed has moved
   * past the cursor, with the position from which there are events again.
   */
  next(cursor: WebhookCursor): Promise<Waiting>;
}

export type Waiting =
  | { readonly kind: 'event'; readonly event: MeshEvent }
  /** Nothing wanted up to here, which is the end of the feed. */
  | { readonly kind: 'nothing'; readonly position: number }
  | { readonly kind: 'missed'; readonly position: number };

/** Events read at a time; one is delivered after the other, so that more would only be held. */
const pageSize = 64;

export function createWebhookQueue(
  store: Pick<Store, 'events' | 'eventHead' | 'eventTail'>,
  webhook: Webhook,
): WebhookQueue {
  /** Everything up to here is done with or not wanted. */
  let passed = 0;
  let ahead: readonly MeshEvent[] = [];

  function firstWanted(): MeshEvent | undefined {
    const index = ahead.findIndex((event) => wantsEvent(webhook, event));
    const unwanted = index < 0 ? ahead : ahead.slice(0, index);
    passed = unwanted.at(-1)?.sequence ?? passed;
    ahead = ahead.slice(unwanted.length);
    return ahead[0];
  }

  return {
    async next(cursor) {
      if (cursor.position > passed) {
        passed = cursor.position;
        ahead = ahead.filter((event) => event.sequence > passed);
      }
      for (;;) {
        const event = firstWanted();
        if (event) return { kind: 'event', event };
        const page = await store.events({ after: passed, limit: pageSize });
        if (!page.ok) {
          // Pruned past us, or a store that was put back to an earlier day: go on where there are events.
          const [tail, head] = [await store.eventTail(), await store.eventHead()];
          passed = Math.min(Math.max(passed, tail), head);
          return { kind: 'missed', position: passed };
        }
        if (page.value.length === 0) return { kind: 'nothing', position: passed };
        ahead = page.value;
      }
    },
  };
}
