import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../../base/random.ts';
import type {
  Explanation,
  ExplanationSubject,
  NodeExplanation,
  ShardExplanation,
} from '../../domain/explanation.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import type { PlacementPolicy } from '../../domain/policy.ts';
import { computePlan } from '../compute-plan.ts';
import { fleet, freePolicy, node, type PolicyChange, requestFor, shard } from '../fleet.testing.ts';
import { explainPlan } from './explain-plan.ts';

/** Selects every shard. */
const none = {};

function ask(planning: PlanningRequest, subject: ExplanationSubject, limit = 5): Explanation {
  const planned = computePlan(planning);
  if (!planned.ok) throw new Error(JSON.stringify(planned.error));
  const { moves, obstacles } = planned.value;
  const told = explainPlan({ planning, moves, obstacles, subject, limit });
  if (!told.ok) throw new Error(JSON.stringify(told.error));
  return told.value;
}

function askShard(planning: PlanningRequest, id: string): ShardExplanation {
  const told = ask(planning, { kind: 'shard', id });
  if (told.kind !== 'shard') throw new Error('a shard was asked about');
  return told.shard;
}

function askNode(planning: PlanningRequest, id: string): NodeExplanation {
  const told = ask(planning, { kind: 'node', id });
  if (told.kind !== 'node') throw new Error('a node was asked about');
  return told.node;
}

/** Three nodes of which `a` carries everything that may move. */
function uneven(change: PolicyChange = {}, more: Partial<PlanningRequest> = {}): PlanningRequest {
  const shards = ['s1', 's2', 's3', 's4'].map((id) => shard(id, ['a'], [20]));
  return requestFor(
    fleet(['cpu'], [node('a', 1), node('b', 1), node('c', 1, { zone: 'z2' })], shards),
    freePolicy(['cpu'], change),
    more,
  );
}

const stayOf = (told: ShardExplanation) => told.replicas[0]?.stay;

describe('a replica that moves', () => {
  test('has its move with reasons, gain and price, and the destinations that were worse', () => {
    const planned = computePlan(uneven());
    const moved = planned.ok ? (planned.value.moves[0]?.shard ?? '') : '';
    const [replica] = askShard(uneven(), moved).replicas;
    expect(replica).toMatchObject({ before: 'a', stay: null });
    expect(replica?.after).not.toBe('a');
    expect(replica?.moves[0]?.reasons[0]?.code).toBe('imbalance');
    expect(replica?.survey).toMatchObject({ asked: 2, better: 0 });
    const home = replica?.survey.options.find((option) => option.isHome);
    expect(home).toMatchObject({ node: 'a', refusals: [] });
    expect(home?.gain).toBeLessThan(0);
  });

  test('names what a destination that would have been as good says against itself', () => {
    const placement: Partial<PlacementPolicy> = { pins: [{ select: none, effect: 'never', nodes: ['c'] }] };
    const planning = uneven({ placement });
    const planned = computePlan(planning);
    const moved = planned.ok ? (planned.value.moves[0]?.shard ?? '') : '';
    const [replica] = askShard(planning, moved).replicas;
    const refused = replica?.survey.options.find((option) => option.node === 'c');
    expect(refused).toMatchObject({
      refusals: [
        { rule: 'label rules and pins', code: 'pin', message: 'node c is excluded by placement.pins[0]' },
      ],
    });
    expect(refused?.gain).toBeGreaterThan(0);
    expect(replica?.survey.refusals).toEqual([{ rule: 'label rules and pins', code: 'pin', nodes: 1 }]);
  });
});

describe('a replica that stays says why', () => {
  test('it is pinned, resting, paused', () => {
    const pin: Partial<PlacementPolicy> = {
      pins: [{ select: { shards: ['s1'] }, effect: 'stay', nodes: [] }],
    };
    expect(stayOf(askShard(uneven({ placement: pin }), 's1'))).toMatchObject({ code: 'pin' });
    const resting = uneven({}, { frozenShards: Int32Array.of(0) });
    expect(stayOf(askShard(resting, 's1'))).toMatchObject({ code: 'cooldown', subject: 'shard/s1' });
    const restingNode = uneven({}, { frozenNodes: Int32Array.of(0) });
    expect(stayOf(askShard(restingNode, 's1'))).toMatchObject({ code: 'cooldown', subject: 'node/a' });
    const paused = requestFor(
      fleet(['cpu'], [node('a', 1), node('b', 1)], [shard('s1', ['a'], [20], { status: 'paused' })]),
      freePolicy(['cpu']),
    );
    expect(stayOf(askShard(paused, 's1'))).toMatchObject({ code: 'shardNotMovable' });
  });

  test('its node carries no more than its share', () => {
    const even = requestFor(
      fleet(['cpu'], [node('a', 1), node('b', 1)], [shard('s1', ['a'], [20]), shard('s2', ['b'], [20])]),
      freePolicy(['cpu']),
    );
    expect(stayOf(askShard(even, 's1'))).toMatchObject({
      code: 'withinTolerance',
      subject: 'node/a',
      dimension: 'cpu',
      observed: 20,
      limit: 20,
    });
  });

  test('its node is above its share by less than what nodes of a calm fleet begin to give from', () => {
    // One node of three is 4% above the mean: more than 3%, where all would give if many were hot, and less than 5%.
    const shards = ['a', 'b', 'c'].flatMap((name) =>
      [1, 2, 3, 4].map((n) => shard(`${name}${n}`, [name], [name === 'a' ? 10.4 : 9.8])),
    );
    const calm = requestFor(
      fleet(['cpu'], [node('a', 1), node('b', 1), node('c', 1)], shards),
      freePolicy(['cpu']),
    );
    expect(stayOf(askShard(calm, 'a1'))).toMatchObject({
      code: 'withinTolerance',
      message: 'node a is balanced: it carries 41.6 cpu, its share is 40 and 5% more is tolerated',
    });
    expect(askNode(calm, 'a').standing.code).toBe('withinTolerance');
  });

  test('a small node would take it, lessen the sum of squares and become the hottest', () => {
    const big = ['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9'].map((id) => shard(id, ['a'], [20]));
    const nodes = [200, 20].map((capacity, n) => node('ab'.charAt(n), 1, { capacity: [capacity] }));
    const planning = requestFor(
      fleet(['cpu'], nodes, big),
      freePolicy(['cpu'], { dimension: { targetUtilization: 1, hardLimit: 2 } }),
    );
    const told = askShard(planning, 's1');
    expect(told.replicas[0]?.survey.options[0]?.gain).toBeGreaterThan(0);
    expect(stayOf(told)).toMatchObject({
      code: 'noBetterDestination',
      message: expect.stringContaining('b, would leave a node hotter than the hottest'),
    });
  });

  test('the budget is used up, with what was used and what is allowed', () => {
    const planning = uneven({ budget: { maxMoves: 1 } });
    const stays = ['s1', 's2', 's3', 's4'].map((id) => stayOf(askShard(planning, id))).filter(Boolean);
    expect(stays).toHaveLength(3);
    expect(stays[0]).toMatchObject({ code: 'budgetMoves', observed: 1, limit: 1 });
  });

  test('the gain is below the price, with both', () => {
    const planning = uneven({ benefit: { pricePerMove: 100, minGainPerPrice: 1 } });
    const stay = stayOf(askShard(planning, 's1'));
    expect(stay).toMatchObject({ code: 'gainBelowPrice', limit: 100 });
    expect(stay?.observed).toBeGreaterThan(0);
  });

  test('the best destination has no room: which one, how full it would be and its limit', () => {
    const planning = requestFor(
      fleet(
        ['cpu'],
        [node('a', 1), node('b', 1, { capacity: [60] })],
        [shard('s1', ['a'], [40]), shard('s2', ['a'], [40])],
      ),
      freePolicy(['cpu'], { dimension: { hardLimit: 0.6 } }),
    );
    expect(stayOf(askShard(planning, 's1'))).toMatchObject({
      code: 'capacity',
      subject: 'node/b',
      dimension: 'cpu',
      observed: 40,
      limit: 36,
    });
  });

  test('its shard would be too close together elsewhere', () => {
    const planning = requestFor(
      fleet(
        ['cpu'],
        [node('a', 1), node('b', 1, { zone: 'z2' }), node('c', 1, { zone: 'z2' })],
        [shard('s1', ['a', 'b'], [30]), shard('s2', ['a'], [30], { status: 'paused' })],
      ),
      freePolicy(['cpu'], {
        placement: { spread: [{ select: none, level: 'zone', minDomains: 2, maxPerDomain: 0 }] },
      }),
    );
    expect(stayOf(askShard(planning, 's1'))).toMatchObject({
      code: 'spread',
      subject: 'zone/z2',
      observed: 1,
      limit: 2,
      message: expect.stringContaining('node c would be better by'),
    });
  });

  test('the plan has only what was asked for', () => {
    const task = {
      kind: 'fixed' as const,
      moves: [{ kind: 'relocate' as const, shard: 's1', replica: 0, successor: 0, destination: 'b' }],
    };
    const planning = uneven({}, { task });
    expect(stayOf(askShard(planning, 's2'))).toMatchObject({ code: 'notRequested' });
    expect(askShard(planning, 's1').replicas[0]).toMatchObject({ after: 'b', stay: null });
  });
});

test('who else could lead is told, the best first', () => {
  const planning = requestFor(
    fleet(['cpu'], [node('a', 1), node('b', 1)], [shard('s1', ['a', 'b'], [10])]),
    freePolicy(['cpu']),
  );
  expect(askShard(planning, 's1').leadership).toMatchObject([{ replica: 1, node: 'b', isHome: false }]);
});

describe('a node', () => {
  test('has its loads against share, target and limit, what leaves and why the largest of the rest stay', () => {
    const told = askNode(uneven({ budget: { maxMoves: 1 } }), 'a');
    expect(told).toMatchObject({
      takesReplicas: true,
      mustBeVacated: false,
      replicasBefore: 4,
      replicasAfter: 3,
      leavesCount: 1,
      arrivesCount: 0,
      staysCount: 3,
      standing: { code: 'budgetMoves', dimension: 'cpu', observed: 60 },
    });
    expect(told.loads).toMatchObject([{ dimension: 'cpu', before: 80, after: 60, capacity: 100 }]);
    expect(told.loads[0]?.fairShare).toBeCloseTo(80 / 3);
    expect(told.stays[0]?.stay.code).toBe('budgetMoves');
    expect(told.stays[0]?.best?.node).toBeDefined();
  });

  test('that must be vacated and is not says what keeps the rest there', () => {
    const planning = requestFor(
      fleet(
        ['cpu'],
        [node('a', 1, { adminState: 'draining' }), node('b', 1, { capacity: [10] })],
        [shard('s1', ['a'], [5]), shard('s2', ['a'], [20])],
      ),
      freePolicy(['cpu'], { dimension: { hardLimit: 1 } }),
    );
    const told = askNode(planning, 'a');
    expect(told).toMatchObject({
      mustBeVacated: true,
      leavesCount: 1,
      staysCount: 1,
      standing: { code: 'capacity', observed: 1 },
      stays: [{ shard: 's2', stay: { code: 'capacity', subject: 'node/b', observed: 25, limit: 10 } }],
    });
    expect(told.loads[0]?.fairShare).toBe(0);
  });

  test('that is balanced says so', () => {
    expect(askNode(uneven(), 'b').standing.code).toBe('withinTolerance');
  });
});

test('what the plan’s snapshot does not have is refused, and moves that are not of it', () => {
  const planning = uneven();
  const wrong = (subject: ExplanationSubject, moves: Parameters<typeof explainPlan>[0]['moves'] = []) => {
    const told = explainPlan({ planning, moves, obstacles: [], subject, limit: 5 });
    return told.ok ? [] : told.error;
  };
  expect(wrong({ kind: 'shard', id: 's9' })).toMatchObject([{ code: 'SHARD_NOT_FOUND', field: 'shard' }]);
  expect(wrong({ kind: 'node', id: 'n9' })).toMatchObject([{ code: 'NODE_NOT_FOUND', field: 'node' }]);
  const planned = computePlan(planning);
  const moves = planned.ok ? planned.value.moves.map((move) => ({ ...move, destination: 'n9' })) : [];
  expect(wrong({ kind: 'node', id: 'a' }, moves)).toMatchObject([{ code: 'PLAN_DRIFTED' }]);
});

describe('whatever the fleet', () => {
  const seeds = fc.record({
    seed: fc.nat(),
    maxMoves: fc.nat({ max: 6 }),
    limit: fc.integer({ min: 1, max: 6 }),
  });

  test('every replica has moved or a reason, and loads before and after differ by what left and arrived', () => {
    fc.assert(
      fc.property(seeds, ({ seed, maxMoves, limit }) => {
        const planning = randomFleet(seed, maxMoves);
        // A fleet in which nothing can be placed has no plan to explain.
        fc.pre(computePlan(planning).ok);
        for (const { id } of planning.snapshot.nodes) {
          const told = ask(planning, { kind: 'node', id }, limit);
          if (told.kind !== 'node') throw new Error('a node was asked about');
          const { node: each } = told;
          expect(each.replicasAfter - each.replicasBefore).toBe(
            relocations(each.arrives, each.arrivesCount) - relocations(each.leaves, each.leavesCount),
          );
          expect(each.stays.length).toBe(Math.min(limit, each.staysCount));
        }
        for (const id of planning.snapshot.shards.ids) {
          const told = ask(planning, { kind: 'shard', id }, limit);
          if (told.kind !== 'shard') throw new Error('a shard was asked about');
          for (const replica of told.shard.replicas) {
            expect(replica.stay === null).toBe(replica.before !== replica.after);
            const { asked, allowed, refusals, options } = replica.survey;
            expect(allowed + refusals.reduce((sum, each) => sum + each.nodes, 0)).toBe(asked);
            expect(options.length).toBeLessThanOrEqual(limit + 3);
            if (replica.stay) expect(replica.stay.message).not.toBe('');
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('equal questions have equal answers', () => {
    const planning = randomFleet(7, 3);
    const once = ask(planning, { kind: 'node', id: 'n0' });
    expect(JSON.stringify(ask(planning, { kind: 'node', id: 'n0' }))).toBe(JSON.stringify(once));
  });

  /** Moves that carry a replica, as far as they are listed: the fleets here have no leadership to transfer. */
  function relocations(moves: readonly { readonly kind: string }[], count: number): number {
    expect(moves.every((move) => move.kind === 'relocate')).toBe(true);
    return count;
  }

  function randomFleet(seed: number, maxMoves: number): PlanningRequest {
    const random = createRandom(`explain-${seed}`);
    const nodes = Array.from({ length: 5 }, (_, n) =>
      node(`n${n}`, 2, {
        zone: `z${n % 3}`,
        adminState: random.integer(6) === 0 ? 'draining' : 'active',
        status: random.integer(8) === 0 ? 'suspect' : 'alive',
      }),
    );
    const shards = Array.from({ length: 10 }, (_, s) => {
      const first = random.integer(2);
      return shard(`s${s}`, [`n${first}`, `n${first + 2}`], [1 + random.integer(30), 1 + random.integer(9)]);
    });
    const spread = [{ select: none, level: 'zone' as const, minDomains: 2, maxPerDomain: 0 }];
    return requestFor(
      fleet(['cpu', 'disk'], nodes, shards),
      freePolicy(['cpu', 'disk'], { budget: { maxMoves }, placement: { spread } }),
      { frozenShards: Int32Array.of(random.integer(10)) },
    );
  }
});
