import { expect, test } from 'bun:test';
import { createRandom } from '../base/random.ts';
import { createBackoff } from './backoff.ts';

test('a back-off doubles up to its cap, keeps within half of each step, and begins again when told', () => {
  const backoff = createBackoff(createRandom(1), 100, 1_000);
  for (const stepMs of [100, 200, 400, 800, 1_000, 1_000]) {
    const waitMs = backoff.next();
    expect(waitMs).toBeGreaterThanOrEqual(stepMs / 2);
    expect(waitMs).toBeLessThanOrEqual(stepMs);
  }
  backoff.reset();
  expect(backoff.next()).toBeLessThanOrEqual(100);
});
