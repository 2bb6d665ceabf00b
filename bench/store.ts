import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../src/adapters/store-sqlite/open-sqlite-store.ts';
import type { SqliteStore } from '../src/adapters/store-sqlite/sqlite-store.ts';
import { createEventFeed } from '../src/audit/event-feed.ts';
import { verifyStoredChain } from '../src/audit/verify-chain.ts';
import {
  sampleAudit,
  sampleEvent,
  sampleJournalEntry,
  samplePlan,
  sampleSnapshot,
} from '../src/ports/store-samples.testing.ts';

/**
 * The embedded store on this machine's disk, one JSON object a line. `bun bench/store.ts [DIRECTORY]`: the directory
 * says which disk; the default is the one of temporary files.
 */
const parent = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'bench-store-'));
const measuredMs = 1_500;
const rounds = 60;

function report(name: string, figures: Readonly<Record<string, number>>): void {
  const rounded = Object.entries(figures).map(([key, value]) => [key, Number(value.toPrecision(4))]);
  console.log(JSON.stringify({ bench: name, ...Object.fromEntries(rounded) }));
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function times(count: number, work: () => Promise<unknown>): Promise<{ p50Ms: number; p95Ms: number }> {
  const taken: number[] = [];
  for (let round = 0; round < count; round++) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  taken.sort((left, right) => left - right);
  return { p50Ms: percentile(taken, 0.5), p95Ms: percentile(taken, 0.95) };
}

/** What a step of a move writes: a journal entry and an event, with an audit record. */
async function commitSteps(store: SqliteStore, concurrency: number): Promise<void> {
  const waits: number[] = [];
  const start = performance.now();
  while (performance.now() - start < measuredMs) {
    const began = performance.now();
    await Promise.all(
      Array.from({ length: concurrency }, () =>
        store.commit({ journal: [sampleJournalEntry()], audit: [sampleAudit()], events: [sampleEvent()] }),
      ),
    );
    waits.push(performance.now() - began);
  }
  const seconds = (performance.now() - start) / 1_000;
  waits.sort((left, right) => left - right);
  report('commit', {
    concurrency,
    commitsPerSecond: (waits.length * concurrency) / seconds,
    p50Ms: percentile(waits, 0.5),
    p99Ms: percentile(waits, 0.99),
  });
}

async function listPlans(store: SqliteStore): Promise<void> {
  const plans = Array.from({ length: 1_000 }, (_, index) =>
    samplePlan(`p${index}`, { status: index % 50 === 0 ? 'executing' : 'completed' }),
  );
  await store.commit({ plans });
  const twoPages = async (): Promise<void> => {
    let cursor = '';
    do {
      const page = await store.plans({ pageSize: 500, cursor, namespace: 'orders' });
      if (!page.ok) throw new Error(page.error.message);
      cursor = page.value.nextCursor;
    } while (cursor !== '');
  };
  report('list 1000 plans', await times(rounds, twoPages));
  const executing = (): Promise<unknown> => store.plans({ pageSize: 50, statuses: ['executing', 'paused'] });
  report('list executing plans of 1000', await times(rounds, executing));
}

async function snapshots(store: SqliteStore, replicas: number): Promise<void> {
  const snapshot = sampleSnapshot(0.5, replicas);
  const start = performance.now();
  await store.commit({ snapshots: [snapshot] });
  const written = performance.now();
  await store.snapshot(snapshot.digest);
  report('snapshot', { replicas, writeMs: written - start, readMs: performance.now() - written });
}

async function watchers(store: SqliteStore, count: number): Promise<void> {
  const feed = createEventFeed(store);
  const stop = new AbortController();
  const delays: number[] = [];
  const sentAt = new Map<number, number>();
  const watching = Array.from({ length: count }, async () => {
    for await (const event of feed.watch({}, stop.signal)) {
      delays.push(performance.now() - (sentAt.get(event.sequence) ?? 0));
      if (event.sequence === last) return;
    }
  });
  const head = await store.eventHead();
  const last = head + 20;
  while (feed.liveWatchers() < count) await new Promise((resolve) => setImmediate(resolve));
  for (let sequence = head + 1; sequence <= last; sequence++) {
    sentAt.set(sequence, performance.now());
    await store.commit({ events: [sampleEvent()] });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await Promise.all(watching);
  delays.sort((left, right) => left - right);
  report('events to watchers', {
    watchers: count,
    p50Ms: percentile(delays, 0.5),
    p99Ms: percentile(delays, 0.99),
  });
}

async function verify(store: SqliteStore): Promise<void> {
  const start = performance.now();
  const verified = await verifyStoredChain(store);
  const records = verified.ok ? verified.value.sequence : 0;
  report('verify the chain', { records, recordsPerSecond: records / ((performance.now() - start) / 1_000) });
}

try {
  const opened = await openSqliteStore({ path: join(parent, 'data') });
  if (!opened.ok) throw new Error(opened.error.message);
  const store = opened.value;
  for (const concurrency of [1, 4, 16, 64]) await commitSteps(store, concurrency);
  await listPlans(store);
  await snapshots(store, 100_000);
  await snapshots(store, 1_000_000);
  await watchers(store, 5_000);
  await verify(store);
  await store.close();
} finally {
  rmSync(parent, { recursive: true });
}
