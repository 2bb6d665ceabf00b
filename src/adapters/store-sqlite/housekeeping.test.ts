import { describe, expect, test } from 'bun:test';
import { silentLog } from '../../base/log.ts';
import { createVirtualClock } from '../../base/virtual-clock.ts';
import { sampleSnapshot, sampleTime } from '../../ports/store-samples.testing.ts';
import { keepHouse } from './housekeeping.ts';
import { openMemoryStore } from './open-sqlite-store.ts';

describe('housekeeping', () => {
  test('prunes again and again until it is told to stop', async () => {
    const clock = createVirtualClock(sampleTime);
    const store = openMemoryStore({ clock });
    const stop = new AbortController();
    const kept = keepHouse({ store, clock, log: silentLog, signal: stop.signal });
    for (const load of [1, 2]) {
      const { digest } = sampleSnapshot(load);
      await store.commit({ snapshots: [sampleSnapshot(load)] });
      await clock.advance(3_500_000);
      expect(await store.snapshot(digest)).toBeDefined();
      await clock.advance(200_000);
      expect(await store.snapshot(digest)).toBeUndefined();
    }
    stop.abort();
    await kept;
    expect(clock.pendingTimers()).toBe(0);
  });

  test('goes on after a round that failed, and logs it', async () => {
    const clock = createVirtualClock(sampleTime);
    const stop = new AbortController();
    const errors: string[] = [];
    let rounds = 0;
    const store = {
      async prune() {
        rounds++;
        throw new Error('the disk failed');
      },
    };
    const log = { ...silentLog, error: (message: string) => void errors.push(message) };
    const kept = keepHouse({ store, clock, log, signal: stop.signal });
    await clock.advance(200_000);
    stop.abort();
    await kept;
    expect(rounds).toBe(3);
    expect(errors).toEqual(Array.from({ length: 3 }, () => 'cannot prune the store'));
  });
});
