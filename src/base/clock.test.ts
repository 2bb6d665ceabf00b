import { expect, test } from 'bun:test';
import { systemClock } from './clock.ts';

test('the system clock wakes a sleeper when its signal aborts', async () => {
  const stop = new AbortController();
  const asleep = systemClock.sleep(3_600_000, stop.signal);
  stop.abort();
  await asleep;
  expect(stop.signal.aborted).toBe(true);
});

test('monotonic time does not go back', () => {
  const first = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
});
