import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { LoadSource } from '../ports/telemetry-sources.ts';
import { type Bench, by, cluster, codes, createBench, namespace, request } from './rebalancer.testing.ts';

/** Connected, and never says anything. */
const silentLoads: LoadSource = {
  async *watch(_namespace, signal) {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  },
};
const byCpu = {
  dimensions: [
    {
      name: 'cpu',
      weight: 1,
      targetUtilization: 0.7,
      hardLimit: 0.9,
      transient: false,
      smoothing: { kind: 'none' as const },
    },
  ],
};

let bench: Bench;
beforeEach(async () => {
  bench = await createBench({ ports: { loads: silentLoads } });
});
afterEach(() => bench.stop());

test('a policy may name a dimension that the fleet has not reported yet', async () => {
  const applied = await bench
    .core()
    .policies.apply({ cluster, namespace, overlay: byCpu }, by('root', ['mesh.admin']));
  expect(codes(applied)).toEqual([]);
});

test('a plan for loads that nobody has measured is refused for the telemetry, not for the policy', async () => {
  await bench.core().policies.apply({ cluster, namespace, overlay: byCpu }, by('root', ['mesh.admin']));
  for (const dryRun of [true, false]) {
    const refused = await bench.core().plans.create(request({ dryRun }), by('ann'));
    expect(codes(refused)[0]).toStartWith('GUARDRAIL_TELEMETRY_');
  }
});
