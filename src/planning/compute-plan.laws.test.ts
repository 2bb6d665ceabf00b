import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { canonicalJson } from '../base/digest.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { Move } from '../domain/move.ts';
import type { Node } from '../domain/node.ts';
import type { PlanningRequest, PlanningResult, RequestedMove } from '../domain/planning.ts';
import type { PlacementPolicy } from '../domain/policy.ts';
import type { ShardInput } from '../domain/snapshot-builder.ts';
import { compareLevels } from './build-objective.ts';
import {
  afterMoves,
  forbiddenMoves,
  placementOf,
  replicasToVacate,
  violationsOf,
  worsened,
} from './check-placement.ts';
import { computePlan } from './compute-plan.ts';
import { distinctNodes, fleet, freePolicy, node, requestFor } from './fleet.testing.ts';

const runs = 150;

/** Subsets of a wave that are tried beyond single moves and prefixes. */
const subsetsPerWave = 6;

describe('laws of the planner, over random fleets', () => {
  law('no constraint that held is broken, none that was broken gets worse', (request, result) => {
    const before = placementOf(request);
    const after = afterMoves(before, result.moves);
    expect(worsened(violationsOf(request, before), violationsOf(request, after))).toEqual([]);
    expect(replicasToVacate(request, after)).toBeLessThanOrEqual(replicasToVacate(request, before));
    expect(forbiddenMoves(request, result.moves)).toEqual([]);
  });

  law('the budget is never exceeded', (request, result) => {
    const { budget } = request.policy;
    const shards = request.snapshot.shards.ids.length;
    const bytes = result.moves.reduce((sum, move) => sum + move.bytes, 0);
    expect(result.moves.length).toBeLessThanOrEqual(budget.maxMoves);
    expect(bytes).toBeLessThanOrEqual(budget.maxBytes);
    expect(new Set(result.moves.map((move) => move.shard)).size).toBeLessThanOrEqual(
      Math.max(1, budget.maxShareOfShards * shards) + 1e-6,
    );
  });

  law(
    'the objective is never lexicographically worse, and a plan with moves makes it better',
    (_, result) => {
      const before = result.summary.objectiveBefore.slice(0, 4);
      const after = result.summary.objectiveAfter.slice(0, 4);
      if (result.moves.length === 0) expect(after).toEqual(before);
      else expect(compareLevels(after, before)).toBeLessThan(0);
    },
  );

  law(
    'whichever moves of a wave have finished, the constraints hold, and caps are kept',
    (request, result) => {
      const random = createRandom('subsets');
      const start = violationsOf(request, placementOf(request));
      let settled = placementOf(request);
      const waves = Map.groupBy(result.moves, (move) => move.wave);
      for (const [, wave] of waves) {
        expectWithinCaps(request, wave);
        const subsets = [
          ...wave.map((move) => [move]),
          ...wave.map((_, end) => wave.slice(0, end + 1)),
          ...Array.from({ length: subsetsPerWave }, () => wave.filter(() => random.next() < 0.5)),
        ];
        for (const subset of subsets) {
          expect(worsened(start, violationsOf(request, afterMoves(settled, subset)))).toEqual([]);
        }
        settled = afterMoves(settled, wave);
      }
    },
  );

  law(
    'numbers are finite, ids and waves rise, and the first move of a shard knows its version',
    (_, result) => {
      expect(() => canonicalJson(result)).not.toThrow();
      const seen = new Set<string>();
      for (const [index, move] of result.moves.entries()) {
        expect(move.id).toBe(`m${String(index + 1).padStart(5, '0')}`);
        expect(move.wave).toBeGreaterThanOrEqual(result.moves[index - 1]?.wave ?? 0);
        expect(move.expectedVersion).toBe(seen.has(move.shard) ? -1 : 7);
        expect(move.reasons.length).toBeGreaterThan(0);
        seen.add(move.shard);
      }
      expect(result.summary.lowerBound).toBeGreaterThanOrEqual(1);
    },
  );

  law('the bounds hold: on the moves, and on the peak of every plan that keeps all rules', (_, result) => {
    const { summary } = result;
    expect(summary.movesLowerBound).toBeLessThanOrEqual(summary.moves);
    expect(summary.lowerBoundWithinBudget).toBeGreaterThanOrEqual(summary.lowerBound);
    expect(summary.gap).toBeGreaterThanOrEqual(0);
    if (summary.violationsAfter + summary.toVacateAfter > 0) return;
    const peak = Math.max(...summary.after.map((balance) => balance.peakToMean));
    expect(summary.lowerBoundWithinBudget).toBeLessThanOrEqual(peak * (1 + 1e-9));
  });

  law('equal requests give equal bytes', (request, result) => {
    const again = computePlan(request);
    expect(again.ok && canonicalJson(again.value)).toBe(canonicalJson(result));
  });

  test('rolling a plan back restores the placement, where nothing was violated before', () => {
    let rolledBack = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const request = randomRequest(createRandom(seed), 'healthy');
        const planned = computePlan(request);
        const before = placementOf(request);
        if (!planned.ok || planned.value.moves.length === 0 || violationsOf(request, before).size > 0) return;
        const after = afterMoves(before, planned.value.moves);
        const rollback = computePlan({
          ...request,
          snapshot: snapshotAfter(request, planned.value.moves),
          task: { kind: 'fixed', moves: planned.value.moves.toReversed().map(inverse) },
        });
        // Transient load that the plan held is free again by now, so every way back that existed still exists.
        if (!rollback.ok) throw new Error(rollback.error.map((problem) => problem.message).join('; '));
        const restored = afterMoves(after, rollback.value.moves);
        expect([...restored].map(([key, replica]) => [key, replica.node, replica.leads])).toEqual(
          [...before].map(([key, replica]) => [key, replica.node, replica.leads]),
        );
        rolledBack += 1;
      }),
      { numRuns: 2 * runs, seed: 5 },
    );
    expect(rolledBack).toBeGreaterThan(runs / 4);
  });
});

function law(sentence: string, check: (request: PlanningRequest, result: PlanningResult) => void): void {
  test(sentence, () => {
    let planned = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const request = randomRequest(createRandom(seed), 'anything');
        const result = computePlan(request);
        if (!result.ok) {
          for (const problem of result.error) expect(problem.code).toBe('PLACEMENT_INFEASIBLE');
          return;
        }
        if (result.value.moves.length > 0) planned += 1;
        check(request, result.value);
      }),
      { numRuns: runs, seed: 3 },
    );
    // A law that is only tried on empty plans proves nothing.
    expect(planned).toBeGreaterThan(runs / 4);
  });
}

function expectWithinCaps(request: PlanningRequest, wave: readonly Move[]): void {
  const { concurrency } = request.policy;
  const most = (keys: readonly string[]): number =>
    Math.max(0, ...Array.from(Map.groupBy(keys, (key) => key).values(), (group) => group.length));
  const zoneOf = new Map(request.snapshot.nodes.map((entry) => [entry.id, entry.zone]));
  expect(wave.length).toBeLessThanOrEqual(concurrency.namespace);
  expect(most(wave.map((move) => move.shard))).toBe(1);
  expect(most(wave.map((move) => move.source))).toBeLessThanOrEqual(concurrency.perNodeOut);
  expect(most(wave.map((move) => move.destination))).toBeLessThanOrEqual(concurrency.perNodeIn);
  const zones = wave.flatMap((move) => [
    ...new Set([zoneOf.get(move.source) ?? '', zoneOf.get(move.destination) ?? '']),
  ]);
  expect(most(zones)).toBeLessThanOrEqual(concurrency.perZone);
}

function inverse(move: Move): RequestedMove {
  const { kind, shard, replica, successor, source } = move;
  return kind === 'relocate'
    ? { kind, shard, replica, successor, destination: source }
    : { kind, shard, replica: successor, successor: replica, destination: source };
}

/** The fleet as the registry would show it after the moves. */
function snapshotAfter(request: PlanningRequest, moves: readonly Move[]) {
  const { snapshot } = request;
  const after = afterMoves(placementOf(request), moves);
  const shards = [...Map.groupBy(after.values(), (replica) => replica.shard)].map(
    ([id, replicas]): ShardInput => ({
      id,
      version: 8,
      status: 'active',
      group: replicas[0].group,
      replicas: replicas.map(({ number, node: place, leads, bytes, loads }) => ({
        number,
        node: place,
        leads,
        bytes,
        loads,
      })),
    }),
  );
  return fleet(
    snapshot.dimensions.map((dimension) => dimension.name),
    snapshot.nodes,
    shards,
  );
}

/** A fleet with whatever may happen to one; `healthy` leaves out what a rollback could not go back to. */
function randomRequest(random: Random, condition: 'anything' | 'healthy'): PlanningRequest {
  const dimensions = ['cpu', 'disk', 'requests'].slice(0, 1 + random.integer(3));
  const nodes = Array.from({ length: 2 + random.integer(9) }, (_, n) =>
    randomNode(random, n, dimensions, condition),
  );
  const shards = Array.from({ length: 1 + random.integer(28) }, (_, s) =>
    randomShard(random, s, nodes, dimensions, condition),
  );
  const extreme = random.next() < 0.05 ? (random.next() < 0.5 ? 1e-12 : 1e13) : 1;
  const snapshot = fleet(
    dimensions,
    nodes.map((entry) => ({ ...entry, capacity: entry.capacity.map((capacity) => capacity * extreme) })),
    shards.map((entry) => ({
      ...entry,
      replicas: entry.replicas.map((replica) => ({
        ...replica,
        loads: replica.loads.map((load) => load * extreme),
      })),
    })),
  );
  const some = (count: number, share: number): Int32Array =>
    Int32Array.from(Array.from({ length: count }, (_, i) => i).filter(() => random.next() < share));
  const frozen = condition === 'anything' && random.next() < 0.3 ? 0.15 : 0;
  const policy = freePolicy(random.next() < 0.3 ? [...dimensions, 'replicas'] : dimensions, {
    dimension: { transient: random.next() < 0.5, targetUtilization: 0.5 + 0.3 * random.next() },
    budget: randomBudget(random),
    placement: condition === 'healthy' && random.next() < 0.7 ? {} : randomRules(random, nodes),
    concurrency: {
      namespace: 1 + random.integer(8),
      perNodeIn: 1 + random.integer(3),
      perNodeOut: 1 + random.integer(3),
      perZone: 1 + random.integer(6),
    },
    benefit: { minGainPerPrice: random.integer(2), pricePerMove: 0.001 },
  });
  return requestFor(snapshot, policy, {
    distress: Float64Array.from(nodes, () => (random.next() < 0.2 ? random.next() : 0)),
    seed: random.integer(1_000),
    frozenShards: some(shards.length, frozen),
    frozenNodes: some(nodes.length, frozen),
  });
}

function randomNode(random: Random, n: number, dimensions: readonly string[], condition: string): Node {
  const sick = condition === 'anything' && random.next() < 0.15;
  const tired = condition === 'anything' && random.next() < 0.15;
  return node(`n${n}`, dimensions.length, {
    zone: `z${random.integer(4)}`,
    region: `r${random.integer(2)}`,
    rack: `k${n >> 1}`,
    labels: { disk: random.next() < 0.5 ? 'ssd' : 'hdd' },
    weight: random.next() < 0.2 ? 2 : 1,
    status: sick ? (random.next() < 0.5 ? 'dead' : 'suspect') : 'alive',
    adminState: tired ? (random.next() < 0.5 ? 'draining' : 'cordoned') : 'active',
    capacity: dimensions.map(() => 60 + random.integer(80)),
  });
}

function randomShard(
  random: Random,
  s: number,
  nodes: readonly Node[],
  dimensions: readonly string[],
  condition: string,
): ShardInput {
  // Low nodes are likelier, so that there is something to balance.
  const skewed = random.next() < 0.5 ? nodes.length : Math.max(1, nodes.length >> 1);
  const places = distinctNodes(random, skewed, 1 + random.integer(3));
  const leads = random.next() < 0.8 ? random.integer(places.length) : -1;
  const base = dimensions.map(() => (random.next() < 0.1 ? 0 : random.next() * 18));
  return {
    id: `s${String(s).padStart(3, '0')}`,
    version: 7,
    status: condition === 'anything' && random.next() < 0.08 ? 'paused' : 'active',
    group: random.next() < 0.4 ? `g${random.integer(3)}` : '',
    replicas: places.map((place, number) => ({
      number,
      node: nodes[place].id,
      leads: number === leads,
      bytes: random.integer(1_000_000),
      loads: base.map((load, d) => (number === leads && d === 0 ? load * 2 : load)),
    })),
  };
}

function randomBudget(random: Random) {
  return random.next() < 0.5
    ? {}
    : { maxMoves: random.integer(8), maxBytes: random.integer(4_000_000), maxShareOfShards: random.next() };
}

function randomRules(random: Random, nodes: readonly Node[]): Partial<PlacementPolicy> {
  const chance = (share: number): boolean => random.next() < share;
  const zones = new Set(nodes.map((entry) => entry.zone)).size;
  return {
    spread: chance(0.5)
      ? [
          {
            select: {},
            level: 'zone',
            minDomains: 1 + random.integer(Math.min(3, zones)),
            maxPerDomain: random.integer(3),
          },
        ]
      : [],
    labels: chance(0.25)
      ? [
          {
            select: { group: 'g0' },
            effect: chance(0.5) ? 'require' : 'forbid',
            label: 'disk',
            values: ['ssd'],
          },
        ]
      : [],
    pins: chance(0.25)
      ? [
          {
            select: { prefix: 's00' },
            effect: chance(0.5) ? 'never' : 'only',
            nodes: nodes.slice(0, 2).map((entry) => entry.id),
          },
          { select: { shards: ['s011'] }, effect: 'stay', nodes: [] },
        ]
      : [],
    dependencies: chance(0.3)
      ? [{ group: 'g1', dependsOn: 'g2', level: chance(0.5) ? 'region' : 'zone' }]
      : [],
    maxReplicasPerNode: chance(0.2) ? 3 + random.integer(10) : 0,
    maxShareOfReplicasPerNode: chance(0.2) ? 0.2 + 0.5 * random.next() : 1,
    maxShareOfReplicasPerZone: chance(0.2) ? 0.3 + 0.5 * random.next() : 1,
    maxShareOfLoadPerNode: chance(0.2) ? 0.2 + 0.5 * random.next() : 1,
    maxShareOfLoadPerZone: chance(0.2) ? 0.3 + 0.5 * random.next() : 1,
    transientHold: chance(0.3) ? 'plan' : 'move',
  };
}
