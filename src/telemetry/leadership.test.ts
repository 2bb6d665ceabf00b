import { describe, expect, test } from 'bun:test';
import { createVirtualClock } from '../base/virtual-clock.ts';
import type { ReplicaSet } from '../domain/telemetry-sample.ts';
import { createFleetTelemetry, type FleetTelemetry } from './fleet-telemetry.ts';
import { loadBatch, peer, policyWith, shard, start } from './telemetry.testing.ts';

const second = 1_000;
const averaged = policyWith({ kind: 'ewma', halfLifeMs: 60 * second });

/** Shard s1 on n1 (leads, 8 cores) and n2 (2 cores), measured for a minute. */
function measuredFleet(): { telemetry: FleetTelemetry; clock: ReturnType<typeof createVirtualClock> } {
  const clock = createVirtualClock(start);
  const telemetry = createFleetTelemetry({ cluster: 'test', namespace: 'orders', clock });
  telemetry.usePolicy(averaged);
  telemetry.acceptPeers([peer('n1'), peer('n2'), peer('n3')]);
  telemetry.acceptShardPage({ position: 1, shards: [shard('s1', ['n1', 'n2'])] });
  for (let at = start - 60 * second; at <= start; at += 10 * second)
    telemetry.acceptLoads(measured(at, 8, 2));
  return { telemetry, clock };
}

const measured = (at: number, first: number, other: number) =>
  loadBatch(at, [
    ['s1', 0, first],
    ['s1', 1, other],
  ]);

function led(by: number, updatedAt: number, rest: Partial<ReplicaSet> = {}): ReplicaSet {
  const replicas = ['n1', 'n2'].map((node, number) => ({ number, node, leads: number === by, bytes: 100 }));
  return shard('s1', [], { version: 2, replicas, updatedAt, ...rest });
}

function loads(telemetry: FleetTelemetry): readonly number[] {
  const frozen = telemetry.freeze(averaged, new Map());
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.error));
  return [...frozen.value.shards.replicaLoads];
}

describe('when another replica of a shard leads', () => {
  test('the two have exchanged their loads in the next snapshot', () => {
    const { telemetry } = measuredFleet();
    expect(loads(telemetry)).toEqual([8, 2]);
    telemetry.acceptShardChange({ position: 2, removed: false, current: led(1, start) });
    expect(loads(telemetry)).toEqual([2, 8]);
  });

  test('samples from before do not undo it, whenever they come', async () => {
    const { telemetry, clock } = measuredFleet();
    await clock.advance(5 * second);
    telemetry.acceptShardChange({ position: 2, removed: false, current: led(1, clock.now()) });
    telemetry.acceptLoads(measured(start + 4 * second, 8, 2));
    telemetry.acceptLoads(measured(start + 5 * second, 8, 2));
    expect(loads(telemetry)).toEqual([2, 8]);
    expect(telemetry.counters().loads.late).toBe(4);
  });

  test('samples from afterwards count', async () => {
    const { telemetry, clock } = measuredFleet();
    telemetry.acceptShardChange({ position: 2, removed: false, current: led(1, start) });
    await clock.advance(600 * second);
    for (let at = 10; at <= 600; at += 10) telemetry.acceptLoads(measured(start + at * second, 3, 5));
    const [first, other] = loads(telemetry);
    expect(first).toBeCloseTo(3, 1);
    expect(other).toBeCloseTo(5, 1);
  });

  test('a registry whose clock is ahead silences no samples of the future', async () => {
    const { telemetry, clock } = measuredFleet();
    telemetry.acceptShardChange({ position: 2, removed: false, current: led(1, start + 3_600 * second) });
    await clock.advance(second);
    telemetry.acceptLoads(measured(clock.now(), 2, 9));
    expect(telemetry.counters().loads.late).toBe(0);
    expect(loads(telemetry)[1]).toBeGreaterThan(8);
  });

  test('and back again, everything is as it was', () => {
    const { telemetry } = measuredFleet();
    telemetry.acceptShardChange({ position: 2, removed: false, current: led(1, start) });
    telemetry.acceptShardChange({ position: 3, removed: false, current: led(0, start, { version: 3 }) });
    expect(loads(telemetry)).toEqual([8, 2]);
  });

  test('a change that leaves the leader as it is exchanges nothing', () => {
    const { telemetry } = measuredFleet();
    const moved = [
      { number: 0, node: 'n3', leads: true, bytes: 100 },
      { number: 1, node: 'n2', leads: false, bytes: 100 },
    ];
    const current = led(0, start, { replicas: moved });
    telemetry.acceptShardChange({ position: 2, removed: false, current });
    expect(loads(telemetry)).toEqual([8, 2]);
  });

  test('a leader that is gone leaves its load to nobody', () => {
    const { telemetry } = measuredFleet();
    const replicas = [{ number: 1, node: 'n2', leads: true, bytes: 100 }];
    telemetry.acceptShardChange({ position: 2, removed: false, current: led(1, start, { replicas }) });
    expect(loads(telemetry)).toEqual([2]);
  });
});

describe('a shard that the registry was asked for', () => {
  test('counts at once when it is newer, and older news from the watch changes nothing', () => {
    const { telemetry } = measuredFleet();
    telemetry.acceptShardRead(led(1, start, { version: 4 }));
    expect(loads(telemetry)).toEqual([2, 8]);
    telemetry.acceptShardChange({ position: 2, removed: false, current: led(0, start, { version: 3 }) });
    expect(loads(telemetry)).toEqual([2, 8]);
    expect(telemetry.counters().shards.outOfOrder).toBe(1);
  });

  test('changes nothing when the watch was faster', () => {
    const { telemetry } = measuredFleet();
    telemetry.acceptShardChange({ position: 2, removed: false, current: led(1, start, { version: 4 }) });
    telemetry.acceptShardRead(led(0, start, { version: 3 }));
    telemetry.acceptShardRead(led(0, start, { version: 4 }));
    expect(loads(telemetry)).toEqual([2, 8]);
  });

  test('is not added when it is not known, of another namespace, or broken', () => {
    const { telemetry } = measuredFleet();
    telemetry.acceptShardRead(shard('s9', ['n1'], { version: 9 }));
    telemetry.acceptShardRead(led(1, start, { namespace: 'payments' }));
    telemetry.acceptShardRead(led(1, start, { replicas: [] }));
    expect(loads(telemetry)).toEqual([8, 2]);
  });
});
