import { expect, test } from 'bun:test';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { createWakeUp } from '../base/wake-up.ts';
import { createSerial, maxWaitingTasks } from './serial.ts';

test('a wait ends by time, by a wake-up during it or before it, and by the signal', async () => {
  const clock = createVirtualClock();
  const wakeUp = createWakeUp(clock);
  const stop = new AbortController();
  const ends: string[] = [];
  const wait = (name: string) => wakeUp.wait(1_000, stop.signal).then(() => ends.push(name));

  const byTime = wait('time');
  await clock.advance(1_000);
  await byTime;
  const byWake = wait('wake');
  wakeUp.wake();
  await byWake;
  wakeUp.wake();
  await wait('woken before');
  const byAbort = wait('abort');
  stop.abort();
  await byAbort;
  expect(ends).toEqual(['time', 'wake', 'woken before', 'abort']);
  expect(clock.pendingTimers()).toBe(0);
});

test('serial tasks run one after the other, also after one that fails, and only so many wait', async () => {
  const serial = createSerial();
  const log: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = serial.run(async () => {
    await held;
    log.push('first');
    throw new Error('broken');
  });
  const rest = Array.from({ length: maxWaitingTasks - 1 }, (_, index) =>
    serial.run(async () => log.push(String(index))),
  );
  expect(() => serial.run(async () => {})).toThrow('tasks wait');
  release();
  expect(first).rejects.toThrow('broken');
  await Promise.all(rest);
  expect(log.slice(0, 3)).toEqual(['first', '0', '1']);
  expect(serial.size()).toBe(0);
});
