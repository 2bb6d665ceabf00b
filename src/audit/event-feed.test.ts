import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { openMemoryStore } from '../adapters/store-sqlite/open-sqlite-store.ts';
import type { MeshEvent } from '../domain/event.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Store } from '../ports/store.ts';
import { sampleEvent } from '../ports/store-samples.testing.ts';
import { createEventFeed, type EventWatch, type StoreEventFeed } from './event-feed.ts';

async function commitEvents(store: Store, count: number, subject = 'plan/p1'): Promise<void> {
  await store.commit({ events: Array.from({ length: count }, () => sampleEvent({ subject })) });
}

/** The sequences of the next `count` events of a watch, which then ends. */
async function first(feed: StoreEventFeed, query: EventWatch, count: number): Promise<number[]> {
  const stop = new AbortController();
  const sequences: number[] = [];
  for await (const event of feed.watch(query, stop.signal)) {
    sequences.push(event.sequence);
    if (sequences.length === count) stop.abort();
  }
  return sequences;
}

async function codeOf(work: Promise<unknown>): Promise<ProblemError['problems'][0] | undefined> {
  try {
    await work;
    return undefined;
  } catch (thrown) {
    if (thrown instanceof ProblemError) return thrown.problems[0];
    throw thrown;
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

describe('the event feed', () => {
  test('gives what happened after a position, then what happens', async () => {
    const store = openMemoryStore();
    const feed = createEventFeed(store, { pageSize: 3 });
    await commitEvents(store, 8);
    const watched = first(feed, { after: 2 }, 9);
    await turns(2);
    await commitEvents(store, 3);
    expect(await watched).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(feed.liveWatchers()).toBe(0);
  });

  test('without a position gives what happens from the call on', async () => {
    const store = openMemoryStore();
    const feed = createEventFeed(store);
    await commitEvents(store, 5);
    const watched = first(feed, {}, 2);
    await commitEvents(store, 2);
    expect(await watched).toEqual([6, 7]);
  });

  test('gives each event exactly once and in order, whenever a watcher joins and commits happen', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(3)), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (commits, pageSize) => {
          const store = openMemoryStore();
          const feed = createEventFeed(store, { pageSize });
          const total = commits.reduce((sum, [count]) => sum + count, 0);
          const watches: Promise<number[]>[] = [];
          for (const [count, pause] of commits) {
            watches.push(first(feed, { after: 0 }, total));
            const committed = commitEvents(store, count);
            await turns(pause);
            await committed;
          }
          const expected = Array.from({ length: total }, (_, index) => index + 1);
          for (const watched of await Promise.all(watches)) expect(watched).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('filters by namespace and subject, in the past and live', async () => {
    const store = openMemoryStore();
    const feed = createEventFeed(store, { pageSize: 2 });
    for (const subject of ['a', 'b', 'a', 'b']) await commitEvents(store, 1, subject);
    const watched = first(feed, { after: 0, subject: 'b', namespace: 'orders' }, 3);
    await turns(2);
    for (const subject of ['a', 'b']) await commitEvents(store, 1, subject);
    expect(await watched).toEqual([2, 4, 6]);
  });

  test('refuses a position from the future and one that is no longer retained', async () => {
    const store = openMemoryStore({ retention: { events: 10 } });
    const feed = createEventFeed(store);
    await commitEvents(store, 2_000);
    expect((await codeOf(first(feed, { after: 2_001 }, 1)))?.code).toBe('RESUME_TOKEN_INVALID');
    expect((await codeOf(first(feed, { after: 0 }, 1)))?.code).toBe('RESUME_TOKEN_INVALID');
    expect(await first(feed, { after: 1_999 }, 1)).toEqual([2_000]);
  });

  test('cuts off a watcher that does not take its events, and it resumes where it was', async () => {
    const store = openMemoryStore();
    const feed = createEventFeed(store, { bufferedEvents: 4 });
    const stop = new AbortController();
    const slow = feed.watch({}, stop.signal)[Symbol.asyncIterator]();
    const quick = first(feed, {}, 12);
    const firstEvent = slow.next();
    await turns(2);
    for (let commits = 0; commits < 12; commits++) {
      await commitEvents(store, 1);
      await turns(2);
    }
    expect(((await firstEvent).value as MeshEvent).sequence).toBe(1);
    expect(feed.liveWatchers()).toBe(0);
    const problem = await codeOf(slow.next());
    expect(problem).toMatchObject({ code: 'WATCHER_TOO_SLOW', value: 1, limit: 4 });
    expect(await quick).toHaveLength(12);
    expect(await first(feed, { after: Number(problem?.value) }, 11)).toEqual(
      Array.from({ length: 11 }, (_, index) => index + 2),
    );
  });

  test('reads the store once per wake-up, however many watch', async () => {
    const store = openMemoryStore();
    let reads = 0;
    const counted = {
      ...store,
      events(query: Parameters<Store['events']>[0]) {
        reads++;
        return store.events(query);
      },
    };
    const feed = createEventFeed(counted);
    const watches = Array.from({ length: 500 }, () => first(feed, {}, 3));
    await turns(3);
    expect(feed.liveWatchers()).toBe(500);
    reads = 0;
    for (let commits = 0; commits < 3; commits++) {
      await commitEvents(store, 1);
      await turns(2);
    }
    for (const watched of await Promise.all(watches)) expect(watched).toEqual([1, 2, 3]);
    expect(reads).toBe(3);
  });

  test('ends a watch when its signal aborts, also before it began, and all when it is closed', async () => {
    const store = openMemoryStore();
    const feed = createEventFeed(store);
    const stop = new AbortController();
    const waiting = Array.fromAsync(feed.watch({}, stop.signal));
    const other = Array.fromAsync(feed.watch({}, new AbortController().signal));
    await turns(2);
    stop.abort();
    expect(await waiting).toEqual([]);
    expect(await Array.fromAsync(feed.watch({}, stop.signal))).toEqual([]);
    expect(feed.liveWatchers()).toBe(1);
    feed.close();
    expect(await other).toEqual([]);
  });
});
