import { openMemoryStore } from '../adapters/store-sqlite/open-sqlite-store.ts';
import type { SqliteStore } from '../adapters/store-sqlite/sqlite-store.ts';
import { silentLog } from '../base/log.ts';
import { createRandom } from '../base/random.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import type { MeshEventDraft } from '../domain/event.ts';
import type { Webhook, WebhookCursor } from '../domain/webhook.ts';
import { sampleEvent } from '../ports/store-samples.testing.ts';
import type { WebhookAnswer, WebhookSender } from '../ports/webhook-sender.ts';
import { createWebhookDispatcher, type WebhookDispatcher } from './webhook-dispatcher.ts';
import type { DeliveryLease } from './webhook-loop.ts';

export const accepted: WebhookAnswer = { accepted: true, status: 200, message: '' };
export const unavailable: WebhookAnswer = {
  accepted: false,
  status: 503,
  message: 'the receiver answered 503',
};

export interface Delivered {
  readonly webhook: string;
  readonly sequence: number;
  readonly at: number;
}

/** A receiver that a test tells how to answer, and that remembers what it was sent. */
export interface FakeReceiver extends WebhookSender {
  readonly seen: Delivered[];
  /** Of one webhook. */
  sequences(webhook?: string): readonly number[];
  answer: (sequence: number, webhook: string) => WebhookAnswer | Promise<WebhookAnswer>;
}

export function createFakeReceiver(now: () => number): FakeReceiver {
  const seen: Delivered[] = [];
  const receiver: FakeReceiver = {
    seen,
    sequences: (webhook = 'pager') =>
      seen.filter((each) => each.webhook === webhook).map((each) => each.sequence),
    answer: () => accepted,
    async deliver(webhook, event) {
      seen.push({ webhook, sequence: event.sequence, at: now() });
      return receiver.answer(event.sequence, webhook);
    },
    async ping(webhook) {
      return receiver.answer(0, webhook);
    },
  };
  return receiver;
}

export function sampleWebhook(change: Partial<Webhook> = {}): Webhook {
  return {
    name: 'pager',
    url: 'https://pager.example/events',
    events: [],
    namespaces: [],
    maxAttempts: 3,
    ...change,
  };
}

/** Dispatchers on one store under a virtual clock. */
export interface DeliveryBench {
  readonly clock: VirtualClock;
  readonly store: SqliteStore;
  readonly receiver: FakeReceiver;
  /** A process that delivers, until it is ended. */
  start(webhooks?: readonly Webhook[], owner?: string): Promise<RunningDelivery>;
  write(...events: readonly Partial<MeshEventDraft>[]): Promise<void>;
  cursor(webhook?: string): Promise<WebhookCursor>;
  deadLetters(webhook?: string): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface RunningDelivery extends WebhookDispatcher {
  /** Whether it has the right to deliver. */
  lease: DeliveryLease & { lost: boolean };
  end(): Promise<void>;
}

export function createDeliveryBench(retainedEvents = 10_000): DeliveryBench {
  const clock = createVirtualClock();
  const store = openMemoryStore({ clock, retention: { events: retainedEvents } });
  const receiver = createFakeReceiver(clock.now);
  const running: RunningDelivery[] = [];
  const bench: DeliveryBench = {
    clock,
    store,
    receiver,
    async start(webhooks = [sampleWebhook()], owner = 'a') {
      // Another owner follows one whose time is over.
      const ttlMs = 1;
      const now = clock.now() + running.length * 10;
      const taken = await store.acquireLease({ name: 'webhooks/c1', owner, ttlMs, now });
      if (!taken.ok) throw new Error(taken.error.message);
      const { token } = taken.value;
      const lease = {
        lost: false,
        held: () => !lease.lost,
        fence: () => ({ lease: 'webhooks/c1', owner, token }),
        markLost: () => {
          lease.lost = true;
        },
      };
      const common = { cluster: 'c1', store, sender: receiver, clock, random: createRandom(owner) };
      const dispatcher = createWebhookDispatcher({ ...common, log: silentLog, lease }, webhooks);
      const stop = new AbortController();
      const done = dispatcher.run(stop.signal);
      const one: RunningDelivery = {
        ...dispatcher,
        lease,
        async end() {
          stop.abort();
          await done;
        },
      };
      running.push(one);
      await clock.advance(0);
      return one;
    },
    async write(...events) {
      const committed = await store.commit({ events: events.map((each) => sampleEvent(each)) });
      if (!committed.ok) throw new Error(committed.error.message);
    },
    async cursor(webhook = 'pager') {
      const cursor = (await store.webhookCursors('c1')).find((each) => each.webhook === webhook);
      if (!cursor) throw new Error(`${webhook} has no cursor`);
      return cursor;
    },
    async deadLetters(webhook = 'pager') {
      const letters = await store.deadLetters({ cluster: 'c1', webhook, limit: 1_000 });
      return letters.map((letter) => letter.event.sequence);
    },
    async close() {
      for (const one of running) await one.end();
      await store.close();
    },
  };
  return bench;
}
