import { afterEach, describe, expect, test } from 'bun:test';
import { approve, type Bench, by, createBench, killNode, request, value } from './rebalancer.testing.ts';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;

/** No move ran twice: every replica that moved has one trace per plan and move. */
async function expectNoMoveTwice(): Promise<void> {
  const traces = await bench.store.moveTraces('c1', 'orders', 0);
  const keys = traces.map((trace) => `${trace.planId}/${trace.moveId}`);
  expect(new Set(keys).size).toBe(keys.length);
}

describe('a restart', () => {
  test('while steady stays steady', async () => {
    bench = await createBench();
    await bench.clock.advance(minute);
    await bench.restart();
    await bench.clock.advance(5 * minute);
    expect(await bench.state()).toBe('steady');
    expect(await bench.transitions()).toEqual([]);
  });

  test('while investigating goes on investigating, with the confirmation it had', async () => {
    bench = await createBench({ policy: { triggers: { confirmationMs: 5 * minute } } });
    bench.fleet.controls.hotSpot({ nodes: ['n0001'] }, 2);
    await bench.reach('investigating', 5 * minute);
    await bench.clock.advance(2 * minute);
    await bench.restart();
    await bench.reach('planPending', 4 * minute);
    expect((await bench.transitions()).filter((each) => each.startsWith('steady>')).length).toBe(1);
  });

  test('while draining goes on draining, until the node is back', async () => {
    bench = await createBench({ fleet: { nodes: 3, zones: 3, replicas: 3, shards: 30 } });
    killNode(bench, 'n0002');
    await bench.reach('draining', minute);
    await bench.restart();
    await bench.clock.advance(minute);
    expect(await bench.state()).toBe('draining');
    bench.fleet.controls.revive('n0002');
    await bench.clock.advance(minute);
    expect(await bench.transitions()).toContain('draining>steady');
  });

  test('while a plan is pending keeps it approvable', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 } });
    const { plan } = value(await bench.core().plans.create(request(), by('ann')));
    await bench.restart();
    await bench.clock.advance(minute);
    expect(await bench.state()).toBe('planPending');
    await approve(bench, plan);
    await bench.reach('completed', 30 * minute);
  });

  test('while a plan executes completes it, and no move runs twice', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: { concurrency: { namespace: 2 } } });
    const { plan } = value(await bench.core().plans.create(request(), by('ann')));
    await approve(bench, plan);
    await bench.reach('executing', minute);
    for (let times = 0; times < 3; times++) {
      await bench.clock.advance(1_500);
      await bench.restart();
    }
    await bench.reach('completed', 60 * minute);
    expect((await bench.plan(plan.id)).status).toBe('completed');
    await expectNoMoveTwice();
    expect((await bench.core().audit.verify()).ok).toBe(true);
  });

  test('while it rests keeps the cooldown', async () => {
    bench = await createBench({
      fleet: { peakToMean: 1.6 },
      policy: { cooldown: { namespaceMs: 10 * minute } },
    });
    const { plan } = value(await bench.core().plans.create(request(), by('ann')));
    await approve(bench, plan);
    await bench.reach('completed', 30 * minute);
    await bench.restart();
    await bench.clock.advance(5 * minute);
    expect(await bench.state()).toBe('completed');
    await bench.reach('steady', 6 * minute);
  });

  test('after a failure keeps the failure back-off', async () => {
    bench = await createBench({
      fleet: { peakToMean: 1.6 },
      policy: { cooldown: { failureMs: 10 * minute }, concurrency: { namespace: 1 } },
    });
    const { plan } = value(await bench.core().plans.create(request(), by('ann')));
    await approve(bench, plan);
    await bench.reach('executing', minute);
    await bench.clock.advance(1_000);
    value(await bench.core().plans.cancel({ id: plan.id, inFlight: 'finish' }, by('ann')));
    await bench.reach('failed', 5 * minute);
    await bench.restart();
    await bench.clock.advance(5 * minute);
    expect(await bench.state()).toBe('failed');
    await bench.clock.advance(6 * minute);
    expect(await bench.transitions()).toContain('failed>steady');
  });
});

test('a drain whose deadline passes fails, rests and begins anew', async () => {
  bench = await createBench({
    fleet: { nodes: 3, zones: 3, replicas: 3, shards: 30 },
    policy: { execution: { drainTimeoutMs: 3 * minute } },
  });
  // Three replicas on three nodes: there is no place for those of the dead one.
  killNode(bench, 'n0002');
  await bench.reach('draining', minute);
  await bench.reach('failed', 10 * minute);
  const [record] = await bench.store.controllers();
  expect(record?.diagnosis.code).toBe('DRAIN_TIMEOUT');
  await bench.reach('draining', 10 * minute);
});
