import { describe, expect, test } from 'bun:test';
import type { Move } from '../domain/move.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { AdminState, NodeStatus } from '../domain/node.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { buildSnapshot } from '../domain/snapshot-builder.ts';
import { approvalRequirement } from './approval-requirement.ts';
import { nextDryRunAt } from './dry-run-schedule.ts';
import { frozenByHistory } from './frozen.ts';
import { nodesToVacate, readTriggers, triggersThatHold } from './imbalance.ts';
import { driftOf, isLasting } from './plan-drift.ts';
import { planningBudget } from './planning-budget.ts';

const policy = defaultPolicy('c1', 'orders');
const now = 10_000_000_000;

type NodeChange = {
  readonly status?: NodeStatus;
  readonly adminState?: AdminState;
  readonly target?: number[];
};

/** Shard s1 on n1 and n2, s2 on n2, s3 on n3; one cpu each, ten per node. */
function snapshotOf(
  nodes: Readonly<Record<string, NodeChange>> = {},
  versions: readonly number[] = [],
): Snapshot {
  const places = [['n1', 'n2'], ['n2'], ['n3']];
  const built = buildSnapshot({
    cluster: 'c1',
    namespace: 'orders',
    takenAt: now,
    dimensions: [{ name: 'cpu', unit: 'cores' }],
    nodes: ['n1', 'n2', 'n3', 'n4'].map((id) => {
      const place = { region: 'r', zone: 'z', rack: 'k', labels: {}, weight: 1, capacity: [10], signals: {} };
      return { id, ...place, status: 'alive' as const, adminState: 'active' as const, ...nodes[id] };
    }),
    shards: places.map((owners, index) => ({
      id: `s${index + 1}`,
      version: versions[index] ?? 1,
      status: 'active' as const,
      group: '',
      replicas: owners.map((node, number) => ({ number, node, leads: number === 0, bytes: 1, loads: [1] })),
    })),
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  });
  if (!built.ok) throw new Error(built.error[0]?.message);
  return built.value;
}

function trace(shard: string, source: string, destination: string, ago: number): MoveTrace {
  const plan = { cluster: 'c1', namespace: 'orders', planId: 'p', moveId: 'm' };
  return { ...plan, shard, replica: 0, source, destination, at: now - ago };
}

describe('what history freezes', () => {
  const { cooldown } = policy;
  const none: ReadonlySet<never> = new Set();
  const frozen = (traces: MoveTrace[], nodes = {}, kind: 'rebalance' | 'restore' = 'rebalance') =>
    frozenByHistory(snapshotOf(nodes), traces, cooldown, none, kind, now);

  test('is nothing without history, or after the cooldowns', () => {
    expect(frozen([]).shards.length + frozen([]).nodes.length).toBe(0);
    const old = frozen([trace('s1', 'n4', 'n1', cooldown.shardMs)]);
    expect(old.shards.length + old.nodes.length).toBe(0);
  });

  test('is the shard that moved and both nodes', () => {
    const { shards, nodes } = frozen([trace('s2', 'n4', 'n2', 1_000)]);
    expect([...shards]).toEqual([1]);
    expect([...nodes]).toEqual([1, 3]);
  });

  test('is lifted by an override, each part by its own', () => {
    const traces = [trace('s2', 'n4', 'n2', 1_000)];
    const overridden = new Set(['GUARDRAIL_COOLDOWN_SHARD'] as const);
    const left = frozenByHistory(snapshotOf(), traces, cooldown, overridden, 'rebalance', now);
    expect(left.shards.length).toBe(0);
    expect([...left.nodes]).toEqual([1, 3]);
  });

  test('is not a shard with a replica on a dead node, and no node when redundancy is to be restored', () => {
    const traces = [trace('s2', 'n4', 'n2', 1_000), trace('s3', 'n4', 'n3', 1_000)];
    const left = frozen(traces, { n2: { status: 'dead' } }, 'restore');
    expect([...left.shards]).toEqual([2]);
    expect(left.nodes.length).toBe(0);
  });

  test('is a shard that returned as often as policy allows, long after its cooldown', () => {
    const hour = 3_600_000;
    const there = trace('s3', 'n3', 'n4', 3 * hour);
    const back = trace('s3', 'n4', 'n3', 2 * hour);
    expect([...frozen([there]).shards]).toEqual([]);
    expect([...frozen([there, back]).shards]).toEqual([2]);
  });
});

describe('drift', () => {
  const move: Move = {
    id: 'm1',
    wave: 0,
    kind: 'relocate',
    shard: 's2',
    replica: 0,
    successor: 0,
    source: 'n2',
    destination: 'n4',
    leads: true,
    expectedVersion: 1,
    bytes: 1,
    load: [1],
    reasons: [],
    gain: 1,
    price: 0,
  };
  const drift = (change: Partial<Move>, snapshot = snapshotOf()) =>
    driftOf([{ ...move, ...change }], [], snapshot);

  test('is none while the preconditions hold', () => {
    expect(drift({})).toEqual([]);
  });

  test('tells version, owner, missing shards and destinations, with what was expected', () => {
    expect(drift({}, snapshotOf({}, [1, 5, 1]))).toMatchObject([
      { what: 'version', expected: '1', actual: '5' },
    ]);
    expect(drift({ source: 'n3' })).toMatchObject([{ what: 'owner', expected: 'n3', actual: 'n2' }]);
    expect(drift({ shard: 's9' })).toMatchObject([{ what: 'missing' }]);
    expect(drift({ destination: 'n9' })).toMatchObject([{ what: 'destination', actual: 'not in the fleet' }]);
    const cordoned = snapshotOf({ n4: { adminState: 'cordoned' } });
    expect(drift({}, cordoned)).toMatchObject([{ what: 'destination', actual: 'alive and cordoned' }]);
  });

  test('does not judge what an earlier move of the plan changes', () => {
    expect(drift({ expectedVersion: -1, source: 'n1' })).toEqual([]);
  });

  test('lasts, unless a destination is only suspected', () => {
    const [suspect] = drift({}, snapshotOf({ n4: { status: 'suspect' } }));
    const [dead] = drift({}, snapshotOf({ n4: { status: 'dead' } }));
    expect([suspect && isLasting(suspect), dead && isLasting(dead)]).toEqual([false, true]);
  });
});

describe('the budget of a search', () => {
  const snapshot = snapshotOf();

  test('is narrowed by a request and never widened', () => {
    const { maxMoves, maxBytes } = policy.budget;
    expect(planningBudget(policy.budget, { maxMoves: 3 }, new Set(), snapshot).maxMoves).toBe(3);
    const more = planningBudget(
      policy.budget,
      { maxMoves: maxMoves + 1, maxBytes: maxBytes * 2 },
      new Set(),
      snapshot,
    );
    expect(more).toEqual(policy.budget);
  });

  test('loses the bound whose guardrail is overridden, and still keeps to the request', () => {
    const forced = new Set(['GUARDRAIL_SHARE_OF_SHARDS', 'GUARDRAIL_BYTES_PER_PLAN'] as const);
    const lifted = planningBudget(policy.budget, { maxShareOfShards: 0.7 }, forced, snapshot);
    expect(lifted.maxShareOfShards).toBe(0.7);
    expect(lifted.maxBytes).toBeGreaterThan(policy.budget.maxBytes);
    expect(lifted.maxMoves).toBe(policy.budget.maxMoves);
  });
});

describe('what a plan needs', () => {
  const approvals = {
    ...policy.approvals,
    required: 1,
    groups: ['ops'],
    tiers: [
      { name: 'large', aboveMoves: 10, required: 2, groups: [] },
      { name: 'huge', aboveMoves: 100, aboveBytes: 1e12, required: 3, groups: ['leads'] },
    ],
    automatic: ['restore' as const],
  };
  const needs = (
    moves: number,
    mode: 'propose' | 'automatic' = 'propose',
    kind: 'rebalance' | 'restore' = 'rebalance',
  ) => approvalRequirement({ approvals, mode }, kind, { moves, bytes: 0, shareOfShards: 0 });

  test('rises with its size, one above a bound and not at it', () => {
    expect(needs(10)).toMatchObject({ required: 1, groups: ['ops'], tier: '' });
    expect(needs(11)).toMatchObject({ required: 2, groups: ['ops'], tier: 'large' });
    expect(needs(101)).toMatchObject({ required: 3, groups: ['leads'], tier: 'huge' });
  });

  test('is nothing for kinds that mode automatic starts', () => {
    expect(needs(5, 'automatic', 'restore').automatic).toBe(true);
    expect(needs(5, 'automatic', 'rebalance').automatic).toBe(false);
    expect(needs(5, 'propose', 'restore').automatic).toBe(false);
  });
});

describe('triggers', () => {
  const read = (snapshot: Snapshot, nodeLoads: number[], distress: number[]) =>
    readTriggers({
      snapshot,
      policy,
      balances: [{ dimension: 'cpu', peak: 1, mean: 0.5, peakToMean: 2, peakNode: 'n1', overTarget: 0 }],
      nodeLoads: Float64Array.from(nodeLoads),
      distress: Float64Array.from(distress),
    });
  const measured = (readings: ReturnType<typeof read>, name: string) =>
    readings.find((each) => each.name === name)?.value;

  test('measure load over the node’s own target, or over capacity times target utilisation', () => {
    expect(measured(read(snapshotOf(), [8, 0, 0, 0], [0, 0, 0, 0]), 'overTarget')).toBeCloseTo(1);
    const own = snapshotOf({ n1: { target: [2] } });
    expect(measured(read(own, [8, 0, 0, 0], [0, 0, 0, 0]), 'overTarget')).toBeCloseTo(4);
  });

  test('leave out nodes that take no replicas, which must be vacated instead', () => {
    const snapshot = snapshotOf({ n1: { status: 'dead' }, n4: { status: 'dead' } });
    const readings = read(snapshot, [80, 0, 0, 0], [1, 0.2, 0, 0]);
    expect(measured(readings, 'overTarget')).toBe(0);
    expect(measured(readings, 'distress')).toBe(0.2);
    expect(triggersThatHold(readings, [])).toEqual(['nodeMustBeVacated/n1', 'peakToMean/cpu']);
    // n4 is dead as well, but holds nothing.
    expect(nodesToVacate(snapshot)).toEqual({ nodes: ['n1'], kind: 'restore' });
    expect(nodesToVacate(snapshotOf({ n2: { adminState: 'draining' } })).kind).toBe('drain');
  });
});

describe('the schedule', () => {
  const at = (text: string) => Date.parse(text);

  test('keeps its wall-clock time when clocks are set forward', () => {
    const schedule = { cron: '30 6 * * *', timeZone: 'Europe/Berlin' };
    expect(nextDryRunAt(schedule, at('2026-03-28T00:00:00Z'))).toBe(at('2026-03-28T05:30:00Z'));
    expect(nextDryRunAt(schedule, at('2026-03-29T00:00:00Z'))).toBe(at('2026-03-29T04:30:00Z'));
  });

  test('is never due when there is none', () => {
    expect(nextDryRunAt(null, now)).toBeUndefined();
  });
});
