import { afterEach, expect, test } from 'bun:test';
import { openMemoryStore } from '../adapters/store-sqlite/open-sqlite-store.ts';
import { silentLog } from '../base/log.ts';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { createLeaseKeeper } from './lease-keeper.ts';

const clock = createVirtualClock();
const store = openMemoryStore({ clock });
let stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of stop) await each();
  stop = [];
});

function keeper(owner: string) {
  const changes: boolean[] = [];
  const onChange = (held: boolean): void => {
    changes.push(held);
  };
  const common = { store, clock, log: silentLog, name: 'namespace/c1/orders', owner };
  const lease = createLeaseKeeper({ ...common, ttlMs: 9_000, onChange });
  const abort = new AbortController();
  const done = lease.run(abort.signal);
  const end = async (): Promise<void> => {
    abort.abort();
    await done;
  };
  stop.push(end);
  return { lease, changes, end };
}

test('of two keepers one holds the lease; the other follows when it is given back, with a higher token', async () => {
  const first = keeper('a');
  await clock.advance(1_000);
  const second = keeper('b');
  await clock.advance(60_000);
  expect([first.lease.held(), second.lease.held()]).toEqual([true, false]);
  const before = first.lease.fence().token;
  await first.end();
  await clock.advance(4_000);
  expect([first.lease.held(), second.lease.held()]).toEqual([false, true]);
  expect(second.lease.fence().token).toBeGreaterThan(before);
  expect(first.changes).toEqual([true, false]);
  expect(second.changes).toEqual([true]);
});

test('a keeper whose writes were refused stops holding at once, until it renews', async () => {
  const only = keeper('c');
  await clock.advance(1_000);
  only.lease.markLost();
  expect(only.lease.held()).toBe(false);
  expect(only.lease.fence().token).toBe(0);
  await clock.advance(3_000);
  expect(only.lease.held()).toBe(true);
});
