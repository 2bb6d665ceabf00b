import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { ProblemError } from '../domain/problem.ts';
import {
  applyPolicy,
  type Bench,
  by,
  cluster,
  codes,
  createBench,
  namespace,
  request,
  value,
} from './rebalancer.testing.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});
afterEach(() => bench.stop());

const admin = by('root', ['mesh.admin']);

describe('policies', () => {
  const policies = () => bench.core().policies;

  test('are refused with every problem, and nothing is stored', async () => {
    const before = await policies().revisions(cluster, namespace);
    const overlay = { budget: { maxMoves: -1, maxShareOfShards: 2 } };
    const refused = await policies().apply({ cluster, namespace, overlay }, admin);
    expect(codes(refused).length).toBe(2);
    expect(await policies().validate(cluster, namespace, overlay)).toHaveLength(2);
    expect(await policies().revisions(cluster, namespace)).toEqual(before);
  });

  test('are applied only upon the revision that was read', async () => {
    const overlay = { mode: 'observe' as const };
    const stale = await policies().apply({ cluster, namespace, overlay, expectedRevision: 0 }, admin);
    expect(codes(stale)).toEqual(['POLICY_STALE']);
    const applied = value(
      await policies().apply({ cluster, namespace, overlay, expectedRevision: 1 }, admin),
    );
    expect(applied.document).toMatchObject({ revision: 2, appliedBy: 'root' });
    expect(applied.effective.mode).toBe('observe');
  });

  test('of the cluster hold for its namespaces and change their revision', async () => {
    const before = value(await policies().get(cluster, namespace)).effective.revision;
    const overlay = { telemetry: { maxAgeMs: 45_000 } };
    value(await policies().apply({ cluster, namespace: '', overlay }, admin));
    const { effective } = value(await policies().get(cluster, namespace));
    expect(effective.telemetry.maxAgeMs).toBe(45_000);
    expect(effective.revision).toBe(before + 1);
  });

  test('that nobody applied are not found', async () => {
    expect(codes(await policies().get(cluster, ''))).toEqual(['POLICY_NOT_FOUND']);
    expect(codes(await policies().get(cluster, namespace, 99))).toEqual(['POLICY_NOT_FOUND']);
    const elsewhere = { cluster: 'c2', namespace, overlay: {} };
    expect(codes(await policies().apply(elsewhere, admin))).toEqual(['NAMESPACE_NOT_FOUND']);
  });

  test('are audited with what they were before and after', async () => {
    await applyPolicy(bench, { mode: 'observe' });
    const records = await bench.core().audit.list({ limit: 100, action: 'policy.apply' });
    expect(records.at(-1)?.before).toBe(records.at(-2)?.after ?? '');
  });
});

describe('nodes', () => {
  const nodes = () => bench.core().nodes;

  test('are cordoned and taken back at once, with a record and an event', async () => {
    const cordoned = value(await nodes().setAdminState({ node: 'n0001', adminState: 'cordoned' }, by('ann')));
    expect(cordoned.node.adminState).toBe('cordoned');
    value(await nodes().setAdminState({ node: 'n0001', adminState: 'active' }, by('ann')));
    const seen = value(await nodes().list(namespace)).find((each) => each.node.id === 'n0001');
    expect(seen?.node.adminState).toBe('active');
    const records = await bench.core().audit.list({ limit: 10, subject: 'node/n0001' });
    expect(records.map((each) => each.action)).toEqual(['node.cordon', 'node.uncordon']);
  });

  test('that do not exist are not found', async () => {
    const unknown = { node: 'nope', adminState: 'draining' as const };
    expect(codes(await nodes().setAdminState(unknown, by('ann')))).toEqual(['NODE_NOT_FOUND']);
    expect(codes(await nodes().list('nope'))).toEqual(['NAMESPACE_NOT_FOUND']);
  });

  test('show replicas, leaders and loads', async () => {
    const views = value(await nodes().list(namespace));
    const sum = (pick: (view: (typeof views)[number]) => number) =>
      views.reduce((total, view) => total + pick(view), 0);
    expect(sum((view) => view.replicas)).toBe(240);
    expect(sum((view) => view.leaders)).toBe(120);
    for (const view of views) expect(view.loads.length).toBe(view.dimensions.length);
  });
});

describe('controllers', () => {
  const controllers = () => bench.core().controllers;

  test('show state, mode, snapshot and what stands in the way', async () => {
    const [view] = await controllers().list();
    expect(view?.record).toMatchObject({ cluster, namespace, state: 'steady' });
    expect(view?.mode).toBe('propose');
    expect(view?.snapshotDigest).toStartWith('sha256:');
    expect(view?.peakToMean).toBeGreaterThanOrEqual(1);
    expect(view?.verdicts).toEqual([]);
  });

  test('look now when asked, and say who asked', async () => {
    bench.fleet.controls.hotSpot({ nodes: ['n0001'] }, 2);
    await bench.clock.advance(6_000);
    const view = value(await controllers().evaluate(namespace, by('ann')));
    expect(view.record.lastEvaluatedAt).toBe(bench.clock.now());
    const [record] = await bench.core().audit.list({ limit: 10, action: 'controller.evaluate' });
    expect(record?.actor).toBe('ann');
  });

  test('break scores down by adapter', async () => {
    const { nodes } = value(await controllers().scores(namespace));
    expect(nodes).toHaveLength(8);
    expect(nodes[0]?.adapters.map((each) => each.adapter)).toContain('latency');
  });

  test('of unknown namespaces are not found', async () => {
    expect(codes(await controllers().get('nope'))).toEqual(['NAMESPACE_NOT_FOUND']);
    expect(codes(await controllers().evaluate('nope', by('ann')))).toEqual(['NAMESPACE_NOT_FOUND']);
    expect(codes(await controllers().snapshot('nope'))).toEqual(['NAMESPACE_NOT_FOUND']);
    expect(codes(await controllers().scores('nope'))).toEqual(['NAMESPACE_NOT_FOUND']);
  });
});

test('a snapshot that nobody took is not found', async () => {
  expect(codes(await bench.core().plans.snapshot('sha256:0'))).toEqual(['SNAPSHOT_NOT_FOUND']);
});

test('a fleet that answers nothing makes commands say so, and the controller too', async () => {
  await bench.stop();
  const away = (): never => {
    throw new ProblemError({ code: 'FLEET_UNREACHABLE', message: 'nobody answers at all' });
  };
  bench = await createBench({
    ports: {
      registry: { list: away, watch: away, get: away },
      peers: { watch: away },
      loads: { watch: away },
      backpressure: { watch: away },
    },
  });
  await bench.clock.advance(60_000);
  const refused = codes(await bench.core().plans.create(request(), by('ann')));
  expect(refused).toContain('FLEET_UNREACHABLE');
  expect(codes(await bench.core().nodes.list(namespace))).toEqual([...refused]);
  const view = value(await bench.core().controllers.get(namespace));
  expect(view.record).toMatchObject({ state: 'steady', diagnosis: { code: refused[0] } });
});
