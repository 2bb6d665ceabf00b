import { expect, test } from 'bun:test';
import { createVirtualClock } from './virtual-clock.ts';

test('fires timers in order of their due time, each at its own time', async () => {
  const clock = createVirtualClock(0);
  const seen: string[] = [];
  clock.schedule(30, () => seen.push(`c@${clock.now()}`));
  clock.schedule(10, () => seen.push(`a@${clock.now()}`));
  clock.schedule(10, () => seen.push(`b@${clock.now()}`));
  await clock.advance(100);
  expect(seen).toEqual(['a@10', 'b@10', 'c@30']);
  expect(clock.now()).toBe(100);
});

test('lets a sleeper that sleeps again keep its rhythm within one advance', async () => {
  const clock = createVirtualClock(0);
  const ticks: number[] = [];
  const stop = new AbortController();
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(10, stop.signal);
      ticks.push(clock.now());
    }
  })();
  await clock.advance(35);
  expect(ticks).toEqual([10, 20, 30]);
  stop.abort();
  await loop;
  expect(clock.pendingTimers()).toBe(0);
});

test('a cancelled timer does not fire', async () => {
  const clock = createVirtualClock(0);
  let fired = false;
  clock.schedule(5, () => {
    fired = true;
  })();
  await clock.advance(10);
  expect(fired).toBe(false);
});

test('waiting for what never comes ends with an error that names the limit', async () => {
  const clock = createVirtualClock(0);
  // Not by `rejects`: while that waits, this runtime may lose turns of the event loop, which advancing needs.
  const error = await clock.advanceUntil(() => false, 500).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('500 virtual ms');
});
