import { afterEach, describe, expect, test } from 'bun:test';
import { approve, type Bench, by, createBench, killNode, request, value } from './rebalancer.testing.ts';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const concurrency = 3;

/** Laws that hold whatever happened. */
async function expectSoundFleet(): Promise<void> {
  const counters = bench.fleet.statistics.read();
  expect(counters.minHealthyReplicas).toBeGreaterThanOrEqual(1);
  expect(counters.maxConcurrentMoves).toBeLessThanOrEqual(concurrency);
  expect(counters.repeatedEffects).toBe(0);
  expect(counters.overCommits).toBe(0);
  expect((await bench.core().audit.verify()).ok).toBe(true);
}

describe('an automatic controller', () => {
  for (const seed of [11, 12, 13, 14]) {
    test(`lives through hot spots, deaths and restarts and ends steady (seed ${seed})`, async () => {
      bench = await createBench({
        fleet: { seed, behaviour: { dailyAmplitude: 0.1, noise: 0.03 } },
        policy: {
          mode: 'automatic',
          concurrency: { namespace: concurrency },
          approvals: { automatic: ['rebalance', 'restore', 'drain'] },
          execution: { onDrift: 'supersede' },
        },
      });
      bench.fleet.controls.hotSpot({ nodes: [`n000${seed % 8}`] }, 2);
      await bench.clock.advance(2 * minute);
      killNode(bench, `n000${(seed + 3) % 8}`);
      await bench.clock.advance(minute);
      await bench.restart();
      await bench.clock.advance(2 * minute);
      const drained = `n000${(seed + 5) % 8}`;
      value(await bench.core().nodes.setAdminState({ node: drained, adminState: 'draining' }, by('ann')));
      await bench.clock.advance(60 * minute);
      const nodes = value(await bench.core().nodes.list('orders'));
      for (const { node, replicas } of nodes) {
        if (node.status === 'dead' || node.adminState === 'draining') expect(replicas).toBe(0);
      }
      expect(nodes.reduce((sum, node) => sum + node.replicas, 0)).toBe(240);
      expect(await bench.state()).toBe('steady');
      // A death while a plan runs ends that plan; only a destination that a person takes away makes one fail.
      for (const { status, progress } of await bench.livePlans()) {
        expect(['completed', 'superseded', 'failed']).toContain(status);
        expect(progress.failed).toBeLessThanOrEqual(1);
      }
      await expectSoundFleet();
    }, 30_000);
  }

  test('runs the same twice', async () => {
    const stories: string[] = [];
    for (let run = 0; run < 2; run++) {
      bench = await createBench({ policy: { mode: 'automatic', approvals: { automatic: ['restore'] } } });
      killNode(bench, 'n0004');
      await bench.clock.advance(10 * minute);
      const records = await bench.core().audit.list({ limit: 10_000 });
      stories.push(records.map((record) => record.hash).join());
      if (run === 0) await bench.stop();
    }
    expect(stories[0]).toBe(stories[1] ?? '');
  });
});

test('of two replicas of the service one controls the namespace, and both answer commands', async () => {
  bench = await createBench({
    fleet: { peakToMean: 1.6 },
    policy: { triggers: { confirmationMs: 60 * minute } },
  });
  const other = bench.replica();
  await other.start();
  await bench.clock.advance(20_000);
  const { plan } = value(await other.plans.create(request(), by('ann')));
  value(await other.plans.approve({ id: plan.id, digest: plan.digest }, by('bea')));
  await bench.reach('completed', 30 * minute);
  expect(bench.fleet.statistics.read().repeatedEffects).toBe(0);
  let stopped = false;
  const ended = other.stop().then(() => {
    stopped = true;
  });
  await bench.clock.advanceUntil(() => stopped, minute);
  await ended;
});

test('a service that stops makes no more plans', async () => {
  bench = await createBench({ fleet: { peakToMean: 1.6 } });
  await bench.stop();
  const refused = await bench.core().plans.create(request(), by('ann'));
  expect(refused).toMatchObject({ ok: false, error: [{ code: 'SERVICE_STOPPING' }] });
});

test('a plan whose policy asks for no approval is approved in the service’s name and starts', async () => {
  bench = await createBench({
    fleet: { peakToMean: 1.6 },
    policy: { approvals: { required: 0, excludeAuthor: false } },
  });
  value(await bench.core().plans.create(request(), by('ann')));
  await bench.reach('completed', 30 * minute);
  const [record] = await bench.core().audit.list({ limit: 10, action: 'plan.approve' });
  expect(record).toMatchObject({ actor: 'meshkit-rebalancer', outcome: 'ok' });
});

test('two plans follow each other, the second by what the first left', async () => {
  bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: { budget: { maxMoves: 5 } } });
  for (let round = 0; round < 2; round++) {
    const { plan } = value(await bench.core().plans.create(request(), by('ann')));
    await approve(bench, plan);
    await bench.reach('completed', 30 * minute);
    await bench.clock.advance(minute);
  }
  const [first, second] = await bench.livePlans();
  const peakOf = (balances: readonly { readonly peakToMean: number }[] = []) =>
    Math.max(...balances.map((balance) => balance.peakToMean));
  expect(peakOf(second?.summary.after)).toBeLessThanOrEqual(peakOf(first?.summary.before));
});
