import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { WebhookAnswer } from '../ports/webhook-sender.ts';
import {
  accepted,
  createDeliveryBench,
  type DeliveryBench,
  sampleWebhook,
  unavailable,
} from './webhook.testing.ts';

let bench: DeliveryBench;
beforeEach(() => {
  bench = createDeliveryBench();
});
afterEach(() => bench.close());

const hour = 3_600_000;
const gone: WebhookAnswer = { accepted: false, status: 410, message: 'the receiver answered 410' };

describe('a webhook', () => {
  test('is handed every event from the moment it exists, in order and once', async () => {
    await bench.write({}, {});
    await bench.start();
    await bench.write({}, {}, {});
    await bench.write({});
    await bench.clock.advance(1_000);
    expect(bench.receiver.sequences()).toEqual([3, 4, 5, 6]);
    expect(await bench.cursor()).toMatchObject({ position: 6, delivered: 4, attempts: 0, missed: 0 });
  });

  test('is handed only the types and namespaces that it wants', async () => {
    const webhook = sampleWebhook({ events: ['planCreated', 'moveEnded'], namespaces: ['orders'] });
    await bench.start([webhook]);
    await bench.write({ type: 'planApproved' }, { type: 'moveEnded' }, { namespace: 'users' }, {});
    await bench.write({ namespace: '' });
    await bench.clock.advance(1_000);
    expect(bench.receiver.sequences()).toEqual([2, 4]);
    // The unwanted ones are passed as well, so that none of them is read again after a restart.
    await bench.clock.advance(30_000);
    expect(await bench.cursor()).toMatchObject({ position: 5, delivered: 2 });
  });

  test('that others share a service with has a pace of its own', async () => {
    bench.receiver.answer = (_, webhook) => (webhook === 'chat' ? unavailable : accepted);
    await bench.start([sampleWebhook(), sampleWebhook({ name: 'chat' })]);
    await bench.write({}, {});
    await bench.clock.advance(100);
    expect(bench.receiver.sequences('pager')).toEqual([1, 2]);
    expect(bench.receiver.sequences('chat')).toEqual([1]);
  });
});

describe('a receiver that does not take an event', () => {
  test('is tried again after waits that double, while the events behind it wait', async () => {
    let failures = 4;
    bench.receiver.answer = () => (failures-- > 0 ? unavailable : accepted);
    await bench.start([sampleWebhook({ maxAttempts: 12 })]);
    await bench.write({}, {});
    await bench.clock.advance(60_000);
    expect(bench.receiver.sequences()).toEqual([1, 1, 1, 1, 1, 2]);
    const times = bench.receiver.seen.map((each) => each.at);
    for (const [index, step] of [1_000, 2_000, 4_000, 8_000].entries()) {
      const waited = (times[index + 1] ?? 0) - (times[index] ?? 0);
      expect(waited).toBeGreaterThanOrEqual(step / 2);
      expect(waited).toBeLessThanOrEqual(step);
    }
  });

  test('is left alone for as long as it asks for', async () => {
    let calls = 0;
    bench.receiver.answer = () => (calls++ === 0 ? { ...unavailable, retryAfterMs: 120_000 } : accepted);
    await bench.start();
    await bench.write({});
    await bench.clock.advance(119_000);
    expect(calls).toBe(1);
    await bench.clock.advance(2_000);
    expect(calls).toBe(2);
    expect(await bench.cursor()).toMatchObject({ position: 1, delivered: 1 });
  });

  test('loses its turn after the last attempt: the event is a dead letter, the next one goes on', async () => {
    bench.receiver.answer = (sequence) => (sequence === 1 ? unavailable : accepted);
    await bench.start();
    await bench.write({}, {});
    await bench.clock.advance(hour);
    expect(bench.receiver.sequences()).toEqual([1, 1, 1, 2]);
    const [letter] = await bench.store.deadLetters({ cluster: 'c1', webhook: 'pager', limit: 10 });
    expect(letter).toMatchObject({ attempts: 3, redeliver: false, event: { sequence: 1 } });
    expect(letter?.last).toMatchObject({ status: 503, accepted: false });
    expect(await bench.cursor()).toMatchObject({ position: 2, delivered: 1 });
  });

  test('that says that it is gone is sent nothing more, until somebody resumes it', async () => {
    let answer = gone;
    bench.receiver.answer = () => answer;
    const delivery = await bench.start();
    await bench.write({}, {});
    await bench.clock.advance(hour);
    expect(bench.receiver.sequences()).toEqual([1]);
    const stopped = await bench.cursor();
    expect(stopped.stoppedAt).toBeGreaterThan(0);
    answer = accepted;
    const resumed = { ...stopped, stoppedAt: 0, revision: stopped.revision + 1 };
    await bench.store.commit({ webhookCursors: [resumed] });
    delivery.nudge();
    await bench.clock.advance(0);
    expect(bench.receiver.sequences()).toEqual([1, 1, 2]);
  });

  test('for longer than the feed keeps events misses the oldest, and that is counted', async () => {
    await bench.close();
    bench = createDeliveryBench(1_000);
    bench.receiver.answer = () => unavailable;
    await bench.start([sampleWebhook({ maxAttempts: 20 })]);
    for (let commits = 0; commits < 30; commits++)
      await bench.write(...Array.from({ length: 100 }, () => ({})));
    bench.receiver.answer = () => accepted;
    await bench.clock.advance(24 * hour);
    const { position, delivered, missed } = await bench.cursor();
    expect(position).toBe(3_000);
    expect(delivered + missed).toBe(3_000);
    expect(missed).toBeGreaterThan(0);
    expect(new Set(bench.receiver.sequences()).size).toBe(delivered);
  });
});

describe('a dead letter', () => {
  async function withDeadLetters(): Promise<void> {
    bench.receiver.answer = () => unavailable;
    await bench.start();
    await bench.write({}, {});
    await bench.clock.advance(hour);
    expect(await bench.deadLetters()).toEqual([1, 2]);
    bench.receiver.seen.length = 0;
  }

  async function askFor(sequence: number): Promise<void> {
    const query = { cluster: 'c1', webhook: 'pager', after: sequence - 1, limit: 1 };
    const [letter] = await bench.store.deadLetters(query);
    if (letter) await bench.store.commit({ deadLetters: [{ ...letter, redeliver: true }] });
  }

  test('is sent again when somebody asks, and forgotten when it is taken', async () => {
    await withDeadLetters();
    bench.receiver.answer = () => accepted;
    await askFor(2);
    await bench.clock.advance(30_000);
    expect(bench.receiver.sequences()).toEqual([2]);
    expect(await bench.deadLetters()).toEqual([1]);
    expect(await bench.cursor()).toMatchObject({ position: 2, delivered: 1 });
  });

  test('has its turn between the events that are due, and does not hold them up', async () => {
    await withDeadLetters();
    bench.receiver.answer = () => accepted;
    await askFor(1);
    await askFor(2);
    await bench.write({}, {});
    await bench.clock.advance(1_000);
    expect(bench.receiver.sequences()).toEqual([1, 3, 2, 4]);
  });

  test('that is refused once more stays, and is not tried again by itself', async () => {
    await withDeadLetters();
    await askFor(1);
    await bench.clock.advance(hour);
    expect(bench.receiver.sequences()).toEqual([1]);
    const [letter] = await bench.store.deadLetters({ cluster: 'c1', webhook: 'pager', limit: 1 });
    expect(letter).toMatchObject({ attempts: 4, redeliver: false });
  });
});

describe('a process', () => {
  test('that restarts goes on where the last one ended, in the middle of its waits as well', async () => {
    bench.receiver.answer = (sequence) => (sequence === 2 ? unavailable : accepted);
    const first = await bench.start([sampleWebhook({ maxAttempts: 5 })]);
    await bench.write({}, {}, {});
    await bench.clock.advance(2_000);
    const before = await bench.cursor();
    expect(before.position).toBe(1);
    expect(before.attempts).toBeGreaterThan(0);
    await first.end();
    bench.receiver.seen.length = 0;
    await bench.start([sampleWebhook({ maxAttempts: 5 })]);
    expect(bench.receiver.seen).toEqual([]);
    await bench.clock.advance(hour);
    expect(bench.receiver.sequences()).toEqual([...Array(5 - before.attempts).fill(2), 3]);
    expect(await bench.deadLetters()).toEqual([2]);
  });

  test('that dies between an answer and its commit sends that event twice, and no other', async () => {
    const first = await bench.start();
    const { commit } = bench.store;
    let dies = false;
    bench.store.commit = async (batch) => {
      if (dies && batch.webhookCursors) throw new Error('killed');
      return commit(batch);
    };
    await bench.write({});
    await bench.clock.advance(0);
    dies = true;
    await bench.write({}, {});
    await bench.clock.advance(0);
    await first.end();
    dies = false;
    await bench.start();
    await bench.clock.advance(1_000);
    expect(bench.receiver.sequences()).toEqual([1, 2, 2, 3]);
  });

  test('whose lease went to another writes nothing more and stops sending', async () => {
    const first = await bench.start();
    const second = await bench.start([sampleWebhook()], 'b');
    first.lease.lost = false;
    second.lease.lost = true;
    await bench.write({});
    await bench.clock.advance(1_000);
    // It believed to hold the lease, sent one event, and was told by the store.
    expect(first.lease.lost).toBe(true);
    expect(await bench.cursor()).toMatchObject({ position: 0, delivered: 0 });
    second.lease.lost = false;
    await bench.write({});
    await bench.clock.advance(20_000);
    expect(bench.receiver.sequences()).toEqual([1, 1, 2]);
    expect(await bench.cursor()).toMatchObject({ position: 2, delivered: 2 });
  });

  test('that is stopped while an event is on its way does not blame the receiver', async () => {
    let answer: (answer: WebhookAnswer) => void = () => {};
    bench.receiver.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const first = await bench.start();
    await bench.write({});
    await bench.clock.advance(0);
    const ended = first.end();
    answer({ accepted: false, status: 0, message: 'the call was cut off' });
    await ended;
    expect(await bench.cursor()).toMatchObject({ position: 0, attempts: 0 });
  });

  test('leaves no timer behind', async () => {
    const one = await bench.start();
    await bench.write({});
    await bench.clock.advance(60_000);
    await one.end();
    expect(bench.clock.pendingTimers()).toBe(0);
  });
});
