import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { createWakeUp } from '../base/wake-up.ts';
import type { MeshEvent } from '../domain/event.ts';
import type { Webhook, WebhookCursor } from '../domain/webhook.ts';
import type { CommitBatch, Store } from '../ports/store.ts';
import type { WebhookSender } from '../ports/webhook-sender.ts';
import { afterAttempt, afterRedelivery } from './webhook-outcome.ts';
import { createWebhookQueue } from './webhook-queue.ts';

/** The cluster's one right to deliver: events come twice when two processes send them. */
export interface DeliveryLease {
  held(): boolean;
  fence(): NonNullable<CommitBatch['fence']>;
  /** A write was refused as coming from an old holder. */
  markLost(): void;
}

export interface WebhookLoopDeps {
  readonly cluster: string;
  readonly store: Store;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly lease: DeliveryLease;
}

/** One webhook's deliveries, one after the other. */
export interface WebhookLoop {
  run(signal: AbortSignal): Promise<void>;
  /** There may be something to do. */
  wake(): void;
}

/** Between two looks when nobody calls: for what other processes wrote. */
export const idleMs = 10_000;
/** After the store failed. */
const storeRetryMs = 5_000;
/** Times that an outcome is written anew because somebody resumed the webhook meanwhile. */
const maxWrites = 5;

/**
 * Each outcome is committed with the cursor before the next event is sent, so that a restart goes on where this one
 * ended. Between an answer and its commit lies the one moment after which an event is sent twice, under the same id.
 */
export function createWebhookLoop(deps: WebhookLoopDeps, webhook: Webhook): WebhookLoop {
  const { cluster, store, sender, clock, random, log, lease } = deps;
  const wakeUp = createWakeUp(clock);
  const queue = createWebhookQueue(store, webhook);
  let passedAt = clock.now();

  /** @returns whether it was written */
  async function write(batch: CommitBatch): Promise<boolean> {
    const committed = await store.commit({ ...batch, fence: lease.fence() });
    if (committed.ok) return true;
    if (committed.error.code === 'LEASE_LOST') lease.markLost();
    else if (committed.error.code !== 'REVISION_CONFLICT') throw new Error(committed.error.message);
    return false;
  }

  /** Writes what `change` makes of the cursor as it is by then. */
  async function settle(change: (cursor: WebhookCursor) => CommitBatch): Promise<void> {
    for (let round = 0; round < maxWrites && lease.held(); round++) {
      const cursor = await read();
      if (!cursor || (await write(change(cursor)))) return;
    }
  }

  async function read(): Promise<WebhookCursor | undefined> {
    return (await store.webhookCursors(cluster)).find((each) => each.webhook === webhook.name);
  }

  /** A webhook that is new begins with what happens from now on. */
  async function begin(): Promise<void> {
    const position = await store.eventHead();
    await write({ webhookCursors: [newCursor(cluster, webhook.name, position)] });
  }

  /** @returns whether there was a dead letter to try */
  async function redeliver(signal: AbortSignal): Promise<boolean> {
    const query = { cluster, webhook: webhook.name, limit: 1, redeliver: true };
    const [letter] = await store.deadLetters(query);
    if (!letter) return false;
    const answer = await sender.deliver(webhook.name, letter.event, signal);
    if (signal.aborted && !answer.accepted) return false;
    const key = { cluster, webhook: webhook.name, sequence: letter.event.sequence };
    await settle((cursor) => {
      const after = afterRedelivery(cursor, letter, answer, clock.now());
      const webhookCursors = [after.cursor];
      return after.letter
        ? { webhookCursors, deadLetters: [after.letter] }
        : { webhookCursors, droppedDeadLetters: [key] };
    });
    return true;
  }

  async function attempt(event: MeshEvent, signal: AbortSignal): Promise<void> {
    const answer = await sender.deliver(webhook.name, event, signal);
    // A stop cut it off: whether it arrived is unknown, and the receiver is not to blame.
    if (signal.aborted && !answer.accepted) return;
    const about = { webhook: webhook.name, sequence: event.sequence, status: answer.status };
    await settle((cursor) => {
      const after = afterAttempt({ cursor, webhook, event, answer, now: clock.now() }, random);
      if (after.cursor.stoppedAt > 0) log.warn('a webhook wants no more events', about);
      else if (after.deadLetter) log.warn('an event became a dead letter', about);
      else if (after.cursor.attempts === 1) log.info('a webhook did not take an event', about);
      const webhookCursors = [after.cursor];
      return after.deadLetter ? { webhookCursors, deadLetters: [after.deadLetter] } : { webhookCursors };
    });
  }

  /** Remembers now and then how many unwanted events were passed, and not for each of them. */
  async function pass(cursor: WebhookCursor, position: number): Promise<void> {
    if (position === cursor.position || clock.now() - passedAt < idleMs) return;
    passedAt = clock.now();
    await write({ webhookCursors: [{ ...cursor, position, revision: cursor.revision + 1 }] });
  }

  async function skipMissed(cursor: WebhookCursor, position: number): Promise<void> {
    const missed = Math.max(0, position - cursor.position);
    log.error('events left the feed before a webhook took them', { webhook: webhook.name, missed });
    const rest = { attempts: 0, nextAttemptAt: 0, missed: cursor.missed + missed };
    await write({ webhookCursors: [{ ...cursor, ...rest, position, revision: cursor.revision + 1 }] });
  }

  /** @returns milliseconds until the next turn; 0 while there is more to do */
  async function turn(signal: AbortSignal): Promise<number> {
    if (!lease.held()) return idleMs;
    const before = await read();
    if (!before) {
      await begin();
      return 0;
    }
    if (before.stoppedAt > 0) return idleMs;
    // One of each kind by turns, so that many redeliveries do not hold up what happens now.
    const asked = await redeliver(signal);
    const cursor = asked ? await read() : before;
    if (!cursor || cursor.stoppedAt > 0 || signal.aborted) return idleMs;
    const waitMs = await goOn(cursor, signal);
    return asked ? 0 : waitMs;
  }

  /** The next event, when its time has come. Returns as `turn`. */
  async function goOn(cursor: WebhookCursor, signal: AbortSignal): Promise<number> {
    const waitMs = cursor.nextAttemptAt - clock.now();
    if (waitMs > 0) return Math.min(waitMs, idleMs);
    const waiting = await queue.next(cursor);
    if (waiting.kind === 'event') await attempt(waiting.event, signal);
    else if (waiting.kind === 'missed') await skipMissed(cursor, waiting.position);
    else {
      await pass(cursor, waiting.position);
      return idleMs;
    }
    return 0;
  }

  return {
    wake: wakeUp.wake,
    async run(signal) {
      while (!signal.aborted) {
        let waitMs = storeRetryMs;
        try {
          waitMs = await turn(signal);
        } catch (thrown) {
          log.error('a webhook could not go on', { webhook: webhook.name, error: String(thrown) });
        }
        if (waitMs > 0) await wakeUp.wait(waitMs, signal);
      }
    },
  };
}

function newCursor(cluster: string, webhook: string, position: number): WebhookCursor {
  return {
    cluster,
    webhook,
    position,
    attempts: 0,
    nextAttemptAt: 0,
    stoppedAt: 0,
    delivered: 0,
    missed: 0,
    last: null,
    revision: 1,
  };
}
