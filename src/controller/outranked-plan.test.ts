import { afterEach, describe, expect, test } from 'bun:test';
import type { Plan } from '../domain/plan.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import { approve, type Bench, by, createBench, killNode, request, value } from './rebalancer.testing.ts';
import type { CreatePlanRequest } from './rebalancer.ts';

const minute = 60_000;
let bench: Bench;
afterEach(() => bench.stop());

const automatic: PolicyOverlay = {
  mode: 'automatic',
  approvals: { automatic: ['restore'] },
  triggers: { confirmationMs: 60 * minute },
};

/** A plan that a person made, under way. */
async function runningPlan(change: Partial<CreatePlanRequest> = {}): Promise<Plan> {
  const { plan } = value(await bench.core().plans.create(request(change), by('ann')));
  await approve(bench, plan);
  await bench.reach('executing', minute);
  await bench.clock.advance(5_000);
  const running = await bench.plan(plan.id);
  expect(running.status).toBe('executing');
  expect(running.progress.done).toBeLessThan(running.summary.moves);
  return running;
}

async function restored(): Promise<number> {
  for (let passed = 0; passed < 30 * minute; passed += 5_000) {
    const nodes = value(await bench.core().nodes.list('orders'));
    const lost = nodes.filter(({ node }) => node.status === 'dead');
    if (lost.length > 0 && lost.every(({ replicas }) => replicas === 0)) return passed;
    await bench.clock.advance(5_000);
  }
  throw new Error('the lost replicas are not restored');
}

describe('a node that dies while a plan balances', () => {
  for (const seed of [21, 22, 23]) {
    test(`ends that plan, and what it held is restored at once (seed ${seed})`, async () => {
      bench = await createBench({ fleet: { peakToMean: 1.6, seed }, policy: automatic });
      const balancing = await runningPlan();
      const victim = `n000${seed % 8}`;
      killNode(bench, victim);
      await restored();
      const [first, second] = await bench.livePlans();
      expect(first).toMatchObject({
        id: balancing.id,
        status: 'superseded',
        outcome: { code: 'PLAN_OUTRANKED' },
      });
      expect(first?.outcome?.message).toContain(victim);
      expect(first?.progress).toMatchObject({ running: 0, unknown: 0 });
      expect(second?.kind).toBe('restore');
      expect(['executing', 'completed']).toContain(second?.status ?? '');
      // Begun as soon as the moves in flight had ended, without any rest.
      expect((second?.createdAt ?? 0) - (first?.endedAt ?? 0)).toBeLessThan(2_000);
      expect(bench.fleet.statistics.read().repeatedEffects).toBe(0);
      expect(await bench.transitions()).toContain('executing>investigating');
      expect((await bench.core().audit.verify()).ok).toBe(true);
    });
  }

  test('is found when the service comes back', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: automatic });
    const balancing = await runningPlan();
    killNode(bench, 'n0004');
    await bench.restart();
    await restored();
    expect(await bench.plan(balancing.id)).toMatchObject({
      status: 'superseded',
      outcome: { code: 'PLAN_OUTRANKED' },
    });
  });

  test('ends a plan that somebody paused as well', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: automatic });
    const balancing = await runningPlan();
    value(await bench.core().plans.pause({ id: balancing.id }, by('ann')));
    killNode(bench, 'n0004');
    await restored();
    expect((await bench.plan(balancing.id)).status).toBe('superseded');
  });

  test('leaves a plan alone whose moves a person listed', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: automatic });
    const { moves } = value(await bench.core().plans.create(request({ dryRun: true }), by('ann')));
    const balancing = await runningPlan({ moves });
    const untouched = ['n0000', 'n0001', 'n0002', 'n0003', 'n0004', 'n0005', 'n0006', 'n0007'].find((node) =>
      moves.every((move) => move.source !== node && move.destination !== node),
    );
    killNode(bench, untouched ?? 'n0004');
    await bench.clock.advance(10_000);
    expect(['executing', 'paused']).toContain((await bench.plan(balancing.id)).status);
  });
});

test('a second death while a plan restores is taken into a plan of both', async () => {
  bench = await createBench({
    fleet: { nodes: 12, shards: 180 },
    policy: { ...automatic, incidents: { maxUnhealthyShare: 0.5 }, placement: { minHealthyReplicas: 1 } },
  });
  killNode(bench, 'n0003');
  await bench.reach('executing', minute);
  await bench.clock.advance(10_000);
  killNode(bench, 'n0007');
  await bench.clock.advance(30 * minute);
  const [first, second] = await bench.livePlans();
  expect(first).toMatchObject({ kind: 'restore', status: 'superseded', outcome: { code: 'PLAN_OUTRANKED' } });
  expect(second?.kind).toBe('restore');
  expect((await bench.livePlans()).length).toBeLessThanOrEqual(4);
});
