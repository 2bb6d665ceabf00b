import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  accepted,
  createFakeReceiver,
  type FakeReceiver,
  sampleWebhook,
  unavailable,
} from '../audit/webhook.testing.ts';
import { type Bench, by, codes, createBench, namespace, value } from './rebalancer.testing.ts';

let bench: Bench;
let receiver: FakeReceiver;
beforeEach(async () => {
  bench = await createBench({
    webhooks: (clock) => {
      receiver = createFakeReceiver(clock.now);
      const wants = sampleWebhook({ events: ['incidentOpened', 'incidentClosed'], maxAttempts: 2 });
      return { list: [wants, sampleWebhook({ name: 'chat', events: ['policyApplied'] })], sender: receiver };
    },
  });
});
afterEach(() => bench.stop());

const admin = by('root', ['mesh.admin']);
const webhooks = () => bench.core().webhooks;

async function openIncidents(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const opening = { namespace, severity: 'info', title: 'x', source: 'operator' } as const;
    value(await bench.core().incidents.open(opening, by('ann')));
  }
  await bench.clock.advance(60_000);
}

async function audited(action: string) {
  return (await bench.store.auditRecords({ limit: 1_000, action })).map(({ actor, subject, details }) => ({
    actor,
    subject,
    details,
  }));
}

describe('webhooks of a service', () => {
  test('are handed what happens while it runs, and say how they fare', async () => {
    await openIncidents(2);
    expect(receiver.sequences('pager')).toHaveLength(2);
    const [pager, chat] = await webhooks().list();
    expect(pager).toMatchObject({ state: 'delivering', deadLetters: 0, cursor: { delivered: 2 } });
    expect(chat?.cursor?.delivered).toBe(0);
  });

  test('go on after a restart where they were', async () => {
    await openIncidents(1);
    await bench.restart();
    await openIncidents(1);
    const sequences = receiver.sequences('pager');
    expect(sequences).toHaveLength(2);
    expect(new Set(sequences).size).toBe(2);
  });

  test('are delivered to by one of several processes', async () => {
    const other = bench.replica();
    await other.start();
    await openIncidents(3);
    expect(receiver.sequences('pager')).toHaveLength(3);
    const stopped = other.stop();
    await bench.clock.advance(60_000);
    await stopped;
  });
});

describe('dead letters', () => {
  beforeEach(async () => {
    receiver.answer = () => unavailable;
    await openIncidents(3);
  });

  async function letters(): Promise<readonly number[]> {
    const page = value(await webhooks().deadLetters({ webhook: 'pager', after: 0, limit: 10 }));
    expect(page.total).toBe(page.letters.length);
    return page.letters.map((letter) => letter.event.sequence);
  }

  test('are redelivered one by one or all together, and that is audited', async () => {
    const [first = 0, second = 0, third = 0] = await letters();
    receiver.answer = () => accepted;
    const one = { webhook: 'pager', sequences: [second] };
    expect(value(await webhooks().redeliver(one, admin))).toEqual({ changed: 1, remaining: 2 });
    await bench.clock.advance(1_000);
    expect(await letters()).toEqual([first, third]);
    const all = { webhook: 'pager', sequences: [] };
    expect(value(await webhooks().redeliver(all, admin))).toEqual({ changed: 2, remaining: 0 });
    await bench.clock.advance(1_000);
    expect(await letters()).toEqual([]);
    expect(await audited('webhook.redeliver')).toEqual([
      { actor: 'root', subject: 'webhook/pager', details: { events: '1', all: 'false' } },
      { actor: 'root', subject: 'webhook/pager', details: { events: '2', all: 'true' } },
    ]);
  });

  test('are dropped for good', async () => {
    const [first = 0, ...others] = await letters();
    const one = { webhook: 'pager', sequences: [first] };
    expect(value(await webhooks().drop(one, admin))).toEqual({ changed: 1, remaining: 2 });
    expect(await letters()).toEqual(others);
    expect(codes(await webhooks().drop(one, admin))).toEqual(['DEAD_LETTER_NOT_FOUND']);
    expect(value(await webhooks().drop({ webhook: 'pager', sequences: [] }, admin)).changed).toBe(2);
    expect(await letters()).toEqual([]);
    expect(await audited('webhook.drop')).toHaveLength(3);
  });
});

describe('a webhook', () => {
  test('that waits or has stopped is resumed at once', async () => {
    receiver.answer = () => ({ accepted: false, status: 410, message: 'the receiver answered 410' });
    await openIncidents(1);
    expect((await webhooks().list())[0]?.state).toBe('stopped');
    receiver.answer = () => accepted;
    expect(value(await webhooks().resume('pager', admin)).state).toBe('delivering');
    await bench.clock.advance(100);
    expect((await webhooks().list())[0]?.cursor?.delivered).toBe(1);
    expect(await audited('webhook.resume')).toHaveLength(1);
  });

  test('is tried without an event, and its refusal is an answer', async () => {
    expect(value(await webhooks().test('pager', admin))).toMatchObject({ accepted: true, status: 200 });
    receiver.answer = () => unavailable;
    expect(value(await webhooks().test('pager', admin))).toMatchObject({ accepted: false, status: 503 });
    expect(await audited('webhook.test')).toHaveLength(2);
  });

  test('that is not configured is not found, whatever is asked of it', async () => {
    const target = { webhook: 'nope', sequences: [] };
    const all = [
      await webhooks().deadLetters({ webhook: 'nope', after: 0, limit: 1 }),
      await webhooks().redeliver(target, admin),
      await webhooks().drop(target, admin),
      await webhooks().resume('nope', admin),
      await webhooks().test('nope', admin),
    ];
    for (const each of all) expect(codes(each)).toEqual(['WEBHOOK_NOT_FOUND']);
  });
});
