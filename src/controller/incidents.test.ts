import { afterEach, describe, expect, test } from 'bun:test';
import {
  approve,
  type Bench,
  by,
  codes,
  createBench,
  killNode,
  namespace,
  request,
  value,
} from './rebalancer.testing.ts';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const unbalanced = { fleet: { peakToMean: 1.6 }, policy: { triggers: { confirmationMs: 3_600_000 } } };
const open = (severity: 'info' | 'warning' | 'critical') =>
  bench.core().incidents.open({ namespace, severity, title: 'slow disks', source: 'operator' }, by('ann'));

async function running(): Promise<number> {
  const [plan] = await bench.livePlans();
  return plan?.progress.running ?? 0;
}

describe('an open incident', () => {
  test('throttles a plan that runs, and lets go of it when it is closed', async () => {
    bench = await createBench({ ...unbalanced, fleet: { peakToMean: 1.6, shards: 400 } });
    const { plan } = value(await bench.core().plans.create(request(), by('ann')));
    const incident = value(await open('warning'));
    await approve(bench, plan);
    await bench.reach('executing', minute);
    let most = 0;
    for (let second = 0; second < 30; second++) {
      await bench.clock.advance(1_000);
      most = Math.max(most, await running());
    }
    expect(most).toBe(1);
    value(await bench.core().incidents.close({ id: incident.id }, by('ann')));
    await bench.reach('completed', 30 * minute);
    expect(bench.fleet.statistics.read().maxConcurrentMoves).toBeGreaterThan(1);
  });

  test('halts a plan while it is critical; the plan goes on when it is closed', async () => {
    bench = await createBench(unbalanced);
    const { plan } = value(await bench.core().plans.create(request(), by('ann')));
    await approve(bench, plan);
    await bench.reach('executing', minute);
    const incident = value(await open('critical'));
    await bench.clock.advance(2 * minute);
    expect((await bench.plan(plan.id)).status).toBe('paused');
    expect(await running()).toBe(0);
    value(await bench.core().incidents.close({ id: incident.id }, by('ann')));
    await bench.reach('completed', 30 * minute);
  });

  test('is seen among what stands in the way', async () => {
    bench = await createBench();
    const incident = value(await open('critical'));
    await bench.clock.advance(1_000);
    const { verdicts } = value(await bench.core().controllers.get(namespace));
    expect(verdicts).toMatchObject([{ code: 'GUARDRAIL_INCIDENT', subject: `incident/${incident.id}` }]);
  });

  test('is closed once, by its id', async () => {
    bench = await createBench();
    const { id } = value(await open('info'));
    value(await bench.core().incidents.close({ id }, by('ann')));
    expect(codes(await bench.core().incidents.close({ id }, by('ann')))).toEqual(['INCIDENT_CLOSED']);
    expect(codes(await bench.core().incidents.close({ id: 'nope' }, by('ann')))).toEqual([
      'INCIDENT_NOT_FOUND',
    ]);
    expect(await bench.core().incidents.list(true)).toEqual([]);
  });

  test('needs a title and a namespace that exists', async () => {
    bench = await createBench();
    const { incidents } = bench.core();
    const wrong = { namespace, severity: 'info' as const, title: ' ', source: 'operator' };
    expect(codes(await incidents.open(wrong, by('ann')))).toEqual(['FIELD_REQUIRED']);
    const lost = { ...wrong, title: 'x', namespace: 'nope' };
    expect(codes(await incidents.open(lost, by('ann')))).toEqual(['NAMESPACE_NOT_FOUND']);
  });
});

describe('a mass failure', () => {
  test('opens an incident of its own and closes it when the nodes are back', async () => {
    bench = await createBench();
    for (const node of ['n0001', 'n0002', 'n0003']) killNode(bench, node);
    await bench.clock.advance(minute);
    const [incident] = await bench.core().incidents.list(true);
    expect(incident).toMatchObject({ source: 'detected', severity: 'critical', namespace });
    expect(await bench.livePlans()).toEqual([]);
    for (const node of ['n0001', 'n0002', 'n0003']) bench.fleet.controls.revive(node);
    await bench.clock.advance(minute);
    expect(await bench.core().incidents.list(true)).toEqual([]);
  });

  test('keeps its incident while the share is only a little below the limit', async () => {
    bench = await createBench({
      fleet: { nodes: 20, shards: 200 },
      policy: { incidents: { maxUnhealthyShare: 0.2 } },
    });
    const nodes = ['n0001', 'n0002', 'n0003', 'n0004'];
    for (const node of nodes) killNode(bench, node);
    await bench.clock.advance(minute);
    expect((await bench.core().incidents.list(true)).length).toBe(1);
    const revive = (node: string | undefined) => bench.fleet.controls.revive(node ?? '');
    // 3 of 20 is exactly the level at which it closes; anything above keeps it.
    revive(nodes[0]);
    killNode(bench, 'n0005');
    await bench.clock.advance(minute);
    expect((await bench.core().incidents.list(true)).length).toBe(1);
    revive(nodes[1]);
    await bench.clock.advance(minute);
    expect(await bench.core().incidents.list(true)).toEqual([]);
  });
});
