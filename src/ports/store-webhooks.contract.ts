import { describe, expect, test } from 'bun:test';
import type { Store } from './store.ts';
import type { OpenStore } from './store-contract.testing.ts';
import { worlds } from './store-contract.testing.ts';
import { sampleDeadLetter, sampleEvent, sampleWebhookCursor } from './store-samples.testing.ts';

async function sequences(store: Store, query: Partial<Parameters<Store['deadLetters']>[0]> = {}) {
  const letters = await store.deadLetters({ cluster: 'c1', webhook: 'pager', limit: 100, ...query });
  return letters.map((letter) => letter.event.sequence);
}

/** How far webhooks have come, and what their receivers would not take. */
export function webhookContract(open: OpenStore): void {
  describe('webhook cursors', () => {
    const world = worlds(open);

    test('are kept by name with what else is written, also when the store is opened again', async () => {
      const { store, reopen } = await world();
      const cursors = [sampleWebhookCursor({ webhook: 'pager' }), sampleWebhookCursor({ webhook: 'chat' })];
      await store.commit({ webhookCursors: cursors });
      await store.commit({
        webhookCursors: [sampleWebhookCursor({ position: 7, revision: 2 })],
        deadLetters: [sampleDeadLetter(7)],
      });
      const again = reopen ? await reopen() : store;
      expect((await again.webhookCursors('c1')).map(({ webhook, position }) => [webhook, position])).toEqual([
        ['chat', 0],
        ['pager', 7],
      ]);
      expect(await again.webhookCursors('c2')).toEqual([]);
      expect(await again.deadLetters({ cluster: 'c1', webhook: 'pager', limit: 9 })).toEqual([
        sampleDeadLetter(7),
      ]);
    });

    test('are not written from an older state, nor anything with them', async () => {
      const { store } = await world();
      await store.commit({ webhookCursors: [sampleWebhookCursor()] });
      const refused = await store.commit({
        webhookCursors: [sampleWebhookCursor({ position: 9 })],
        deadLetters: [sampleDeadLetter(9)],
      });
      expect(!refused.ok && refused.error).toMatchObject({
        code: 'REVISION_CONFLICT',
        subject: 'webhook/pager',
      });
      expect(await sequences(store)).toEqual([]);
    });
  });

  describe('dead letters', () => {
    const world = worlds(open);

    test('are read by webhook in the order of the feed, by page', async () => {
      const { store } = await world();
      await store.commit({ deadLetters: [5, 3, 11].map((sequence) => sampleDeadLetter(sequence)) });
      await store.commit({ deadLetters: [sampleDeadLetter(4, { webhook: 'chat' })] });
      expect(await sequences(store)).toEqual([3, 5, 11]);
      expect(await sequences(store, { limit: 2 })).toEqual([3, 5]);
      expect(await sequences(store, { after: 5 })).toEqual([11]);
      expect(await sequences(store, { webhook: 'chat' })).toEqual([4]);
      expect(await store.deadLetterCount('c1', 'pager')).toBe(3);
      expect(await store.deadLetterCount('c2', 'pager')).toBe(0);
    });

    test('take the place of the one of the same event, and are found when they are asked for', async () => {
      const { store } = await world();
      await store.commit({ deadLetters: [sampleDeadLetter(1), sampleDeadLetter(2)] });
      await store.commit({ deadLetters: [sampleDeadLetter(2, { redeliver: true })] });
      expect(await sequences(store)).toEqual([1, 2]);
      expect(await sequences(store, { redeliver: true })).toEqual([2]);
    });

    test('are dropped one by one, and once', async () => {
      const { store } = await world();
      await store.commit({ deadLetters: [sampleDeadLetter(1), sampleDeadLetter(2)] });
      const key = { cluster: 'c1', webhook: 'pager', sequence: 1 };
      expect((await store.commit({ droppedDeadLetters: [key] })).ok).toBe(true);
      expect((await store.commit({ droppedDeadLetters: [key] })).ok).toBe(true);
      expect(await sequences(store)).toEqual([2]);
    });
  });

  test('the tail of the feed is the position from which everything can still be read', async () => {
    const { store, close } = await open({ now: () => 0 });
    expect(await store.eventTail()).toBe(0);
    await store.commit({ events: [sampleEvent(), sampleEvent()] });
    const events = await store.events({ after: await store.eventTail(), limit: 10 });
    expect(events.ok && events.value.map((event) => event.sequence)).toEqual([1, 2]);
    await close();
  });
}
