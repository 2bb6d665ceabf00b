import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createVirtualClock } from '../base/virtual-clock.ts';
import type { SmoothingPolicy } from '../domain/policy.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import { signals } from '../domain/signals.ts';
import { validateSnapshot } from '../domain/snapshot-validate.ts';
import { createFleetTelemetry, type FleetTelemetry } from './fleet-telemetry.ts';
import { loadBatch, peer, policyWith, queue, shard, snapshotOf, start } from './telemetry.testing.ts';

function freshFleet(): { telemetry: FleetTelemetry; clock: ReturnType<typeof createVirtualClock> } {
  const clock = createVirtualClock(start);
  return { telemetry: createFleetTelemetry({ cluster: 'test', namespace: 'orders', clock }), clock };
}

function deliverAll(telemetry: FleetTelemetry): void {
  telemetry.acceptPeers([peer('n1'), peer('n2'), peer('n3')]);
  telemetry.acceptShardPage({ position: 1, shards: [shard('s2', ['n2', 'n3']), shard('s1', ['n1', 'n2'])] });
  telemetry.acceptBackpressure([queue('n1', 'main')]);
  telemetry.acceptLoads(
    loadBatch(start, [
      ['s1', 0, 4],
      ['s1', 1, 1],
      ['s2', 0, 2],
      ['s2', 1, 3],
    ]),
  );
}

describe('a snapshot', () => {
  test('has nodes and shards sorted, replicas with their loads, and is whole when every source delivered', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    const snapshot = snapshotOf(telemetry);
    expect(validateSnapshot(snapshot)).toEqual([]);
    expect(snapshot.nodes.map((node) => node.id)).toEqual(['n1', 'n2', 'n3']);
    expect(snapshot.shards.ids).toEqual(['s1', 's2']);
    expect([...snapshot.shards.replicaNodes]).toEqual([0, 1, 1, 2]);
    expect([...snapshot.shards.replicaLoads]).toEqual([4, 1, 2, 3]);
    expect(snapshot.quality.completeness).toBe(1);
    expect(snapshot.quality.stalenessMs).toBe(0);
  });

  test('of equal telemetry has an equal digest, and taking it changes nothing', () => {
    const one = freshFleet().telemetry;
    const other = freshFleet().telemetry;
    deliverAll(one);
    deliverAll(other);
    expect(snapshotOf(one).digest).toBe(snapshotOf(other).digest);
    expect(snapshotOf(one).digest).toBe(snapshotOf(other).digest);
  });

  test('stays as it is when the telemetry goes on', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    const before = snapshotOf(telemetry);
    telemetry.acceptShardChange({ position: 2, removed: true, current: shard('s1', ['n1', 'n2']) });
    telemetry.acceptShardChange({ position: 3, removed: false, current: shard('s0', ['n3']) });
    telemetry.acceptLoads(loadBatch(start + 1, [['s2', 0, 9]]));
    const after = snapshotOf(telemetry);
    expect(before.shards.ids).toEqual(['s1', 's2']);
    expect([...before.shards.replicaLoads]).toEqual([4, 1, 2, 3]);
    expect(after.shards.ids).toEqual(['s0', 's2']);
  });

  test('cannot be taken of nothing, and the problem names the sources that never delivered', () => {
    const { telemetry } = freshFleet();
    telemetry.acceptPeers([peer('n1')]);
    const frozen = telemetry.freeze(defaultPolicy('test', 'orders'), new Map());
    expect(frozen.ok).toBe(false);
    if (frozen.ok) return;
    expect(frozen.error[0]?.code).toBe('SNAPSHOT_EMPTY');
    expect(frozen.error[0]?.message).toContain('shards, loads, backpressure never delivered');
  });

  test('of a fleet that cannot be reached is refused as such', () => {
    const { telemetry } = freshFleet();
    telemetry.setDegraded('shards', { code: 'FLEET_UNREACHABLE', message: 'connection refused' });
    const frozen = telemetry.freeze(defaultPolicy('test', 'orders'), new Map());
    expect(frozen.ok ? '' : frozen.error[0]?.code).toBe('FLEET_UNREACHABLE');
  });

  test('leaves out a shard on a node that no peer sample named, and is less complete by it', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptShardChange({ position: 2, removed: false, current: shard('s3', ['n1', 'ghost']) });
    const snapshot = snapshotOf(telemetry);
    expect(validateSnapshot(snapshot)).toEqual([]);
    expect(snapshot.shards.ids).toEqual(['s1', 's2']);
    expect(snapshot.quality.completeness).toBeCloseTo(2 / 3);
    telemetry.acceptPeers([peer('ghost')]);
    expect(snapshotOf(telemetry).shards.ids).toEqual(['s1', 's2', 's3']);
  });

  test('carries the admin states that operators set', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    expect(snapshotOf(telemetry, new Map([['n2', 'draining' as const]])).nodes[1]?.adminState).toBe(
      'draining',
    );
  });
});

describe('dirty input', () => {
  test('is refused and counted, and never makes an invalid snapshot', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptLoads(loadBatch(start + 1, [['s1', 0, Number.NaN]]));
    telemetry.acceptLoads(loadBatch(start + 1, [['s1', 1, -1]]));
    telemetry.acceptLoads(loadBatch(start + 1, [['s9', 0, 1]]));
    telemetry.acceptLoads(loadBatch(start + 60_000, [['s1', 0, 1]]));
    telemetry.acceptLoads({ ...loadBatch(start, [['s1', 0, 1]]), namespace: 'other' });
    telemetry.acceptPeers([peer('n4', { weight: 0 }), peer('n5', { capacity: { cpu: Number.NaN } })]);
    telemetry.acceptShardChange({ position: 2, removed: false, current: shard('s4', ['n1', 'n1']) });
    telemetry.acceptShardChange({ position: 3, removed: false, current: shard('s5', []) });
    telemetry.acceptBackpressure([queue('n1', 'main', { pendingCount: -1, observedAt: start + 1 })]);
    const counters = telemetry.counters();
    expect(counters.loads).toMatchObject({ invalid: 2, unknownTarget: 1, skewed: 1, foreign: 1 });
    expect(counters.peers.invalid).toBe(2);
    expect(counters.shards.invalid).toBe(2);
    expect(counters.backpressure.invalid).toBe(1);
    const snapshot = snapshotOf(telemetry);
    expect(validateSnapshot(snapshot)).toEqual([]);
    expect(snapshot.quality.completeness).toBe(0.5);
  });

  test('in one signal drops the signal and keeps the rest of the sample', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptPeers([
      peer('n1', { sequence: 2, signals: { [signals.errorRate]: Number.NaN, [signals.latencyP99Ms]: 7 } }),
    ]);
    expect(snapshotOf(telemetry).nodes[0]?.signals[signals.latencyP99Ms]).toBe(7);
    expect(snapshotOf(telemetry).nodes[0]?.signals[signals.errorRate]).toBeUndefined();
  });
});

describe('age', () => {
  test('of loads lowers the completeness and drops stale signals, but keeps the status of gossip', async () => {
    const { telemetry, clock } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptPeers([peer('n3', { sequence: 2, status: 'dead' })]);
    await clock.advance(40_000);
    telemetry.acceptPeers([peer('n1', { sequence: 2, observedAt: start + 40_000 })]);
    const snapshot = snapshotOf(telemetry);
    expect(snapshot.nodes.map((node) => node.status)).toEqual(['alive', 'alive', 'dead']);
    expect(Object.keys(snapshot.nodes[1]?.signals ?? {})).toEqual([]);
    const coverage = Object.fromEntries(snapshot.quality.sources.map((each) => [each.source, each.coverage]));
    expect(coverage).toEqual({ shards: 0, loads: 0, peers: 0.5, backpressure: 0 });
  });

  test('does not count against replicas on a dead node, so that it can be restored', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptPeers([peer('n3', { sequence: 2, status: 'dead' })]);
    telemetry.acceptShardChange({ position: 2, removed: false, current: shard('s3', ['n3']) });
    expect(snapshotOf(telemetry).quality.completeness).toBe(1);
  });

  test('of a registry that is connected and silent is none', async () => {
    const { telemetry, clock } = freshFleet();
    deliverAll(telemetry);
    telemetry.setConnected('shards');
    await clock.advance(40_000);
    const shards = snapshotOf(telemetry).quality.sources.find((each) => each.source === 'shards');
    expect(shards).toEqual({ source: 'shards', newestAt: start + 40_000, coverage: 1 });
  });
});

describe('registry', () => {
  test('a listing removes what it does not name and goes before versions', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    telemetry.beginShardListing();
    telemetry.acceptShardPage({ position: 9, shards: [shard('s2', ['n1', 'n3'], { version: 0 })] });
    telemetry.endShardListing();
    const { shards } = snapshotOf(telemetry);
    expect(shards.ids).toEqual(['s2']);
    expect([...shards.replicaNodes]).toEqual([0, 2]);
    expect(shards.versions[0]).toBe(0);
  });

  test('a replica keeps its load when it moves and when others join or leave its shard', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    const moved = shard('s1', ['n3', 'n2', 'n1'], { version: 2 });
    telemetry.acceptShardChange({ position: 2, removed: false, current: moved });
    expect([...snapshotOf(telemetry).shards.replicaLoads]).toEqual([4, 1, 0, 2, 3]);
    const shrunk = { ...moved, version: 3, replicas: moved.replicas.filter((each) => each.number === 1) };
    telemetry.acceptShardChange({ position: 3, removed: false, current: shrunk });
    expect([...snapshotOf(telemetry).shards.replicaLoads]).toEqual([1, 2, 3]);
  });

  test('an older version is ignored', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    const newer = shard('s1', ['n3', 'n2'], { version: 5 });
    telemetry.acceptShardChange({ position: 2, removed: false, current: newer });
    telemetry.acceptShardChange({
      position: 3,
      removed: false,
      current: shard('s1', ['n1', 'n2'], { version: 4 }),
    });
    expect(snapshotOf(telemetry).shards.replicaNodes[0]).toBe(2);
    expect(telemetry.counters().shards.outOfOrder).toBe(1);
  });
});

describe('nodes', () => {
  test('sum the backlog of their queues and signal backpressure while one of them does', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptBackpressure([
      queue('n1', 'main', { observedAt: start + 1, pendingCount: 30 }),
      queue('n1', 'side', { pendingCount: 70, isActive: true }),
    ]);
    expect(snapshotOf(telemetry).nodes[0]?.signals).toMatchObject({
      [signals.backlogPending]: 100,
      [signals.backlogHighWatermark]: 200,
      [signals.backpressureActive]: 1,
    });
  });

  test('that restart count their samples from the beginning and are heard all the same', () => {
    const { telemetry } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptPeers([peer('n1', { sequence: 900, observedAt: start - 60_000, weight: 2 })]);
    telemetry.acceptPeers([peer('n1', { sequence: 2, weight: 3 })]);
    expect(snapshotOf(telemetry).nodes[0]?.weight).toBe(3);
  });

  test('that left, hold nothing and are silent are forgotten', async () => {
    const { telemetry, clock } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptPeers([peer('n4', { status: 'left' })]);
    await clock.advance(40_000);
    snapshotOf(telemetry);
    expect(snapshotOf(telemetry).nodes.map((node) => node.id)).toEqual(['n1', 'n2', 'n3']);
  });

  test('that hold nothing and are no longer named by gossip are forgotten, so that the rest is whole again', async () => {
    const { telemetry, clock } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptPeers([peer('n4')]);
    await clock.advance(119_000);
    telemetry.acceptPeers(['n1', 'n2', 'n3'].map((id) => peer(id, { sequence: 2, observedAt: clock.now() })));
    snapshotOf(telemetry);
    expect(snapshotOf(telemetry).nodes.map((node) => node.id)).toEqual(['n1', 'n2', 'n3', 'n4']);
    await clock.advance(2_000);
    snapshotOf(telemetry);
    const { nodes, quality } = snapshotOf(telemetry);
    expect(nodes.map((node) => node.id)).toEqual(['n1', 'n2', 'n3']);
    expect(quality.sources.find((each) => each.source === 'peers')?.coverage).toBe(1);
  });

  test('that are silent are kept while they hold something, and while gossip as a whole is silent', async () => {
    const { telemetry, clock } = freshFleet();
    deliverAll(telemetry);
    telemetry.acceptPeers([peer('n4')]);
    await clock.advance(600_000);
    snapshotOf(telemetry);
    expect(snapshotOf(telemetry).nodes.length).toBe(4);
    telemetry.acceptPeers([peer('n1', { sequence: 2, observedAt: clock.now() })]);
    snapshotOf(telemetry);
    expect(snapshotOf(telemetry).nodes.map((node) => node.id)).toEqual(['n1', 'n2', 'n3']);
  });
});

describe('the order of arrival', () => {
  const smoothings: SmoothingPolicy[] = [
    { kind: 'ewma', halfLifeMs: 3_000 },
    { kind: 'percentile', percentile: 90, windowMs: 10_000 },
    { kind: 'none' },
  ];

  test('of the same samples does not matter, and duplicates change nothing', () => {
    const sample = fc.record({ at: fc.integer({ min: 0, max: 9 }), value: fc.integer({ min: 0, max: 50 }) });
    const arrivals = fc
      .uniqueArray(sample, { minLength: 1, maxLength: 4, selector: (each) => each.at })
      .chain((samples) =>
        fc.tuple(
          fc.constant(samples),
          fc.shuffledSubarray(samples, { minLength: samples.length }),
          fc.array(fc.constantFrom(...samples), { maxLength: 4 }),
        ),
      );
    fc.assert(
      fc.property(arrivals, fc.constantFrom(...smoothings), ([samples, shuffled, repeated], smoothing) => {
        const digests = [samples, [...shuffled, ...repeated]].map((sequence) => {
          const { telemetry } = freshFleet();
          telemetry.usePolicy(policyWith(smoothing));
          deliverAll(telemetry);
          for (const each of sequence) {
            telemetry.acceptLoads(loadBatch(start - 1_000 * each.at - 1, [['s1', 0, each.value]]));
          }
          const frozen = telemetry.freeze(policyWith(smoothing), new Map());
          return frozen.ok ? frozen.value.digest : frozen.error;
        });
        expect(digests[0]).toEqual(digests[1]);
      }),
      { numRuns: 200 },
    );
  });
});
