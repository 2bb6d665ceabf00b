import { describe, expect, test } from 'bun:test';
import { createVirtualClock } from '../base/virtual-clock.ts';
import { createRateLimiter } from './rate-limiter.ts';

describe('the rate of a principal', () => {
  test('is a burst, then so many a second', async () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter({ perSecond: 10, burst: 3 }, clock);
    expect([1, 2, 3].map(() => limiter.take('ann'))).toEqual([0, 0, 0]);
    expect(limiter.take('ann')).toBe(100);
    await clock.advance(100);
    expect(limiter.take('ann')).toBe(0);
    expect(limiter.take('ann')).toBe(100);
    await clock.advance(60_000);
    expect([1, 2, 3].map(() => limiter.take('ann'))).toEqual([0, 0, 0]);
    expect(limiter.take('ann')).toBe(100);
  });

  test("is not another principal's", () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 1 }, createVirtualClock());
    expect(limiter.take('ann')).toBe(0);
    expect(limiter.take('ann')).toBe(1_000);
    expect(limiter.take('bob')).toBe(0);
  });

  test('is kept for so many principals that strangers cannot fill the memory', () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 1 }, createVirtualClock());
    limiter.take('first');
    for (let i = 0; i < 10_000; i++) limiter.take(`p${i}`);
    expect(limiter.take('p9999')).toBe(1_000);
    // Forgotten, hence with a full budget again.
    expect(limiter.take('first')).toBe(0);
  });
});
