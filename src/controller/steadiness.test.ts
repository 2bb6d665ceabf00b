import { afterEach, expect, test } from 'bun:test';
import { type Bench, createBench } from './rebalancer.testing.ts';

let bench: Bench;
afterEach(() => bench.stop());

const hour = 3_600_000;

/** Feeds in step with the looks, so that a day passes in few events. */
const calmFeeds = { loadIntervalMs: 20_000, gossipIntervalMs: 20_000, backpressureIntervalMs: 20_000 };

for (const seed of [1, 2, 3]) {
  test(`an uneven fleet is balanced and then left alone over 24 hours of noisy load (seed ${seed})`, async () => {
    bench = await createBench({
      fleet: {
        seed,
        peakToMean: 1.5,
        nodes: 6,
        shards: 60,
        behaviour: { ...calmFeeds, dailyAmplitude: 0.3, noise: 0.15, measureMs: 20_000 },
      },
      policy: {
        mode: 'automatic',
        approvals: { required: 1, automatic: ['rebalance'] },
        triggers: {
          evaluationIntervalMs: 60_000,
          confirmationMs: 120_000,
          peakToMean: { enter: 1.25, clear: 1.1 },
        },
      },
    });
    await bench.clock.advance(24 * hour);
    const transitions = await bench.transitions();
    const traces = await bench.store.moveTraces('c1', 'orders', 0);
    const moved = new Set(traces.map((trace) => trace.shard));
    // One rebalance of the uneven start, and room for two that the day's curve may bring.
    expect(transitions[0]).toBe('steady>investigating');
    expect(transitions.length).toBeLessThanOrEqual(3 * 5);
    expect(traces.length).toBeLessThanOrEqual(2 * moved.size);
    expect((await bench.core().audit.verify()).ok).toBe(true);
  }, 60_000);
}
