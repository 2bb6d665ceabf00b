import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { canonicalJson } from '../base/digest.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { Move } from '../domain/move.ts';
import type { PlanningRequest, PlanningResult, RequestedMove } from '../domain/planning.ts';
import { compareLevels, measureStanding } from './build-objective.ts';
import {
  afterMoves,
  forbiddenMoves,
  placementOf,
  replicasToVacate,
  violationsOf,
  worsened,
} from './check-placement.ts';
import { computePlan } from './compute-plan.ts';
import { randomRequest } from './conformance/random-request.ts';
import { buildLoadFactors } from './load-factors.ts';
import { buildProblem } from './problem.ts';
import { searchPlacement } from './search-placement.ts';

const runs = 120;

describe('laws of the warm start, over random fleets', () => {
  law('whatever is suggested, rules, budget and fleet are safe', (request, _, random) => {
    const warmStart = Array.from({ length: random.integer(60) }, () => anyMove(request, random));
    expectSafe({ ...request, warmStart });
  });

  law('what no fleet has is passed over: the plan is the one of a cold start', (request, cold) => {
    const lost = { kind: 'relocate', shard: 'gone', replica: 0, successor: 0, destination: 'gone' } as const;
    const shard = request.snapshot.shards.ids[0];
    const warmStart = [lost, { ...lost, shard }, { ...lost, shard, replica: 99 }];
    const planned = computePlan({ ...request, warmStart });
    expect(planned.ok && canonicalJson({ ...planned.value, summary: null })).toBe(
      canonicalJson({ ...cold, summary: null }),
    );
  });

  law(
    'a search that begins with the plan of the same fleet keeps rules as well as one without',
    (request, cold) => {
      const warmStart = cold.moves.map(requested);
      expectSafe({ ...request, warmStart });
      expect(compareLevels(rulesKept({ ...request, warmStart }), rulesKept(request))).toBeLessThanOrEqual(0);
    },
  );
});

/** Violations and replicas to vacate where the search ends, before anybody asks how to get there. */
function rulesKept(request: PlanningRequest): readonly number[] {
  const problem = buildProblem(request);
  if (!problem.ok) throw new Error(problem.error.map((each) => each.message).join('; '));
  const factors = buildLoadFactors(problem.value);
  const { engine } = searchPlacement(problem.value, factors, { shouldStop: () => false });
  const [violations, vacate] = measureStanding(engine.state, engine.constraints, factors).levels;
  // Below this are sums in another order.
  return [violations <= 1e-9 ? 0 : violations, vacate];
}

/** Plans, and looks at the plan with eyes that are not the planner's. */
function expectSafe(request: PlanningRequest): PlanningResult {
  const planned = computePlan(request);
  if (!planned.ok) throw new Error(planned.error.map((problem) => problem.message).join('; '));
  const { moves, summary } = planned.value;
  const before = placementOf(request);
  const after = afterMoves(before, moves);
  expect(worsened(violationsOf(request, before), violationsOf(request, after))).toEqual([]);
  expect(replicasToVacate(request, after)).toBeLessThanOrEqual(replicasToVacate(request, before));
  expect(forbiddenMoves(request, moves)).toEqual([]);
  const { maxMoves, maxBytes } = request.policy.budget;
  expect(moves.length).toBeLessThanOrEqual(maxMoves);
  expect(moves.reduce((sum, move) => sum + move.bytes, 0)).toBeLessThanOrEqual(maxBytes);
  const change = compareLevels(summary.objectiveAfter.slice(0, 5), summary.objectiveBefore.slice(0, 5));
  if (moves.length > 0) expect(change).toBeLessThan(0);
  return planned.value;
}

/** A move that somebody could have had in mind, sensible or not. */
function anyMove({ snapshot }: PlanningRequest, random: Random): RequestedMove {
  const { ids } = snapshot.shards;
  const replica = random.integer(4);
  const relocates = random.next() < 0.7;
  return {
    kind: relocates ? 'relocate' : 'transferLeadership',
    shard: ids[random.integer(ids.length)],
    replica,
    successor: relocates ? replica : random.integer(4),
    destination: snapshot.nodes[random.integer(snapshot.nodes.length)].id,
  };
}

function requested({ kind, shard, replica, successor, destination }: Move): RequestedMove {
  return { kind, shard, replica, successor, destination };
}

function law(
  sentence: string,
  check: (request: PlanningRequest, cold: PlanningResult, random: Random) => void,
): void {
  test(sentence, () => {
    let planned = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const request = randomRequest(createRandom(seed), 'anything');
        const cold = computePlan(request);
        if (!cold.ok) return;
        if (cold.value.moves.length > 0) planned += 1;
        check(request, cold.value, createRandom(`suggestions ${seed}`));
      }),
      { numRuns: runs, seed: 11 },
    );
    expect(planned).toBeGreaterThan(runs / 4);
  });
}
