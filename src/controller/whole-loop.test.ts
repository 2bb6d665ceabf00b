import { afterEach, describe, expect, test } from 'bun:test';
import { approve, type Bench, by, createBench, killNode, namespace, value } from './rebalancer.testing.ts';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;

/** Makes the first nodes' shards hot: far over the mean, within what the fleet can carry. */
function makeHotSpot(): void {
  const result = bench.fleet.controls.hotSpot({ nodes: ['n0001'] }, 2);
  if (!result.ok) throw new Error(result.error.message);
}

describe('the whole loop', () => {
  test('takes a hot spot through plan, approval and execution back to steady', async () => {
    bench = await createBench();
    makeHotSpot();
    await bench.reach('planPending', 10 * minute);
    const [plan] = await bench.livePlans();
    if (!plan) throw new Error('there is no plan');
    expect(plan.kind).toBe('rebalance');
    await approve(bench, plan);
    await bench.reach('completed', 20 * minute);
    const after = value(await bench.core().controllers.get(namespace));
    expect(after.peakToMean).toBeLessThan(1.25);
    await bench.reach('steady', 10 * minute);
    expect((await bench.transitions()).slice(0, 5)).toEqual([
      'steady>investigating',
      'investigating>planPending',
      'planPending>executing',
      'executing>completed',
      'completed>steady',
    ]);
    expect((await bench.core().audit.verify()).ok).toBe(true);
  });

  test('restores what a dead node held, without asking where policy says so', async () => {
    bench = await createBench({
      policy: { mode: 'automatic', approvals: { automatic: ['restore'] } },
    });
    killNode(bench, 'n0003');
    await bench.reach('executing', 2 * minute);
    await bench.reach('completed', 20 * minute);
    const [plan] = await bench.livePlans();
    expect(plan).toMatchObject({ kind: 'restore', status: 'completed' });
    const nodes = value(await bench.core().nodes.list(namespace));
    expect(nodes.find((each) => each.node.id === 'n0003')?.replicas).toBe(0);
  });

  test('drains a node that a person drains', async () => {
    bench = await createBench();
    value(await bench.core().nodes.setAdminState({ node: 'n0002', adminState: 'draining' }, by('ann')));
    await bench.reach('planPending', minute);
    const [plan] = await bench.livePlans();
    if (!plan) throw new Error('there is no plan');
    expect(plan.kind).toBe('drain');
    await approve(bench, plan);
    await bench.reach('completed', 20 * minute);
    const nodes = value(await bench.core().nodes.list(namespace));
    expect(nodes.find((each) => each.node.id === 'n0002')?.replicas).toBe(0);
  });
});
