import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { canonicalJson } from '../base/digest.ts';
import { createRandom } from '../base/random.ts';
import type { Move } from '../domain/move.ts';
import type { PlanningRequest, PlanningResult, RequestedMove } from '../domain/planning.ts';
import type { ShardInput } from '../domain/snapshot-builder.ts';
import { compareLevels } from './build-objective.ts';
import {
  afterMoves,
  forbiddenMoves,
  placementOf,
  priceOfMoves,
  replicasToVacate,
  violationsOf,
  worsened,
} from './check-placement.ts';
import { computePlan } from './compute-plan.ts';
import { randomRequest } from './conformance/random-request.ts';
import { fleet } from './fleet.testing.ts';

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
      const before = result.summary.objectiveBefore.slice(0, 5);
      const after = result.summary.objectiveAfter.slice(0, 5);
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

  law('the price is what the moves cost, one by one and together', (request, result) => {
    const price = priceOfMoves(request, result.moves);
    expect(result.summary.objectiveAfter.at(-1)).toBeCloseTo(price, 9);
    expect(result.moves.reduce((sum, move) => sum + move.price, 0)).toBeCloseTo(price, 9);
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

/** Every law looks at the same plans: each is computed once. */
const plans = new Map<number, ReturnType<typeof planAnew>>();

function planOfSeed(seed: number): ReturnType<typeof planAnew> {
  const known = plans.get(seed) ?? planAnew(seed);
  plans.set(seed, known);
  return known;
}

function planAnew(seed: number) {
  const request = randomRequest(createRandom(seed), 'anything');
  return { request, result: computePlan(request) };
}

function law(sentence: string, check: (request: PlanningRequest, result: PlanningResult) => void): void {
  test(sentence, () => {
    let planned = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const { request, result } = planOfSeed(seed);
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
