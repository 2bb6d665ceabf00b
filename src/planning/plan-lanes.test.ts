import { describe, expect, test } from 'bun:test';
import type { ErrorCode } from '../domain/error-codes.ts';
import type { PlanningResult } from '../domain/planning.ts';
import { annealedRequest } from './annealed-fleet.testing.ts';
import { computePlan } from './compute-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import { bestOfLanes, laneRequest, lanesOf } from './plan-lanes.ts';

function planOf(seed: number): PlanningResult {
  const planned = computePlan(annealedRequest(seed));
  if (!planned.ok) throw new Error('there is no plan');
  return planned.value;
}

const sample = planOf(1);

/** A plan of the objective; the id of its one obstacle tells it from others. */
function plan(objectiveAfter: readonly number[], name: string, deterministic = true) {
  const summary = { ...sample.summary, objectiveAfter, evaluations: 10, deterministic };
  const obstacle = { code: 'capacity', subject: name, message: '', observed: 0, limit: 0 } as const;
  return { ok: true, value: { ...sample, summary, obstacles: [obstacle] } } as const;
}

function refusal(code: ErrorCode, message = '') {
  return { ok: false, error: [{ code, message }] } as const;
}

function chosen(answers: Parameters<typeof bestOfLanes>[0]): string | undefined {
  const best = bestOfLanes(answers);
  return best.ok ? best.value.obstacles[0]?.subject : best.error[0]?.code;
}

describe('how many lanes a request is worth', () => {
  test('as many as policy has, where the fleet is annealed', () => {
    expect([1, 2, 8].map((lanes) => lanesOf(annealedRequest(1, lanes)))).toEqual([1, 2, 8]);
  });

  test('one for moves that were asked for', () => {
    expect(lanesOf({ ...annealedRequest(1), task: { kind: 'fixed', moves: [] } })).toBe(1);
  });

  test('one where there are too many replicas for the evaluations', () => {
    const request = annealedRequest(1);
    const { policy } = request;
    const withEvaluations = (maxEvaluations: number) =>
      lanesOf({ ...request, policy: { ...policy, budget: { ...policy.budget, maxEvaluations } } });
    expect([withEvaluations(89_999), withEvaluations(90_000)]).toEqual([1, 2]);
  });

  test('one where there are too many nodes', () => {
    const withNodes = (count: number) => {
      const nodes = Array.from({ length: count }, (_, n) => node(`n${n}`, 1));
      return lanesOf(requestFor(fleet(['cpu'], nodes, [shard('s', ['n0'], [1])]), freePolicy(['cpu'])));
    };
    expect([withNodes(256), withNodes(257)]).toEqual([2, 1]);
  });
});

describe('the request of a lane', () => {
  test('is the request itself in the first', () => {
    const request = annealedRequest(1);
    expect(laneRequest(request, 0)).toBe(request);
  });

  test('has a seed of its own in the others, the same each time, and its number, and all else alike', () => {
    const request = annealedRequest(1);
    const seeds = Array.from({ length: 8 }, (_, lane) => laneRequest(request, lane).seed);
    expect(new Set(seeds).size).toBe(8);
    expect(seeds.every(Number.isSafeInteger)).toBe(true);
    expect(laneRequest(request, 3)).toEqual({ ...request, lane: 3, seed: seeds[3] });
    expect(laneRequest(annealedRequest(2), 3).seed).not.toBe(seeds[3]);
  });
});

describe('of the plans of several lanes', () => {
  test('the lexicographically best counts', () => {
    expect(chosen([plan([0, 0, 1, 0.5], 'a'), plan([0, 0, 0, 0.9], 'b')])).toBe('b');
    expect(chosen([plan([0, 0, 0, 0.5], 'a'), plan([0, 0, 0, 0.9], 'b')])).toBe('a');
  });

  test('the cheaper counts where all else is equal', () => {
    expect(chosen([plan([0, 0, 0, 0.5, 0.1, 0.3], 'a'), plan([0, 0, 0, 0.5, 0.1, 0.2], 'b')])).toBe('b');
  });

  test('the lower lane counts where they are equally good, rounding aside', () => {
    expect(chosen([plan([0, 0.5], 'a'), plan([0, 0.5 - 1e-12], 'b'), plan([0, 0.5], 'c')])).toBe('a');
  });

  test('the summary counts the evaluations of all, and is deterministic only if all are', () => {
    const summaryOf = (answers: Parameters<typeof bestOfLanes>[0]) => {
      const best = bestOfLanes(answers);
      if (!best.ok) throw new Error('there is no plan');
      return [best.value.summary.evaluations, best.value.summary.deterministic];
    };
    expect(summaryOf([plan([1], 'a'), plan([0], 'b'), plan([2], 'c')])).toEqual([30, true]);
    expect(summaryOf([plan([1], 'a', false), plan([0], 'b'), plan([2], 'c')])).toEqual([30, false]);
  });

  test('a plan refutes that nothing can be placed', () => {
    expect(chosen([refusal('PLACEMENT_INFEASIBLE'), plan([9], 'b')])).toBe('b');
    expect(chosen([plan([9], 'a'), refusal('PLACEMENT_INFEASIBLE')])).toBe('a');
  });

  test('a refusal of all lanes is that of the first', () => {
    const refusals = [refusal('PLACEMENT_INFEASIBLE', 'first'), refusal('PLACEMENT_INFEASIBLE', 'second')];
    expect(bestOfLanes(refusals)).toBe(refusals[0]);
  });

  test('no plan stands beside what has to be repaired', () => {
    const failed = refusal('PLANNER_EXTENSION_FAILED');
    expect(chosen([plan([0], 'a'), failed])).toBe('PLANNER_EXTENSION_FAILED');
    expect(chosen([refusal('PLACEMENT_INFEASIBLE'), failed, plan([0], 'c')])).toBe(
      'PLANNER_EXTENSION_FAILED',
    );
  });

  test('a single plan is passed on as it is', () => {
    expect(bestOfLanes([{ ok: true, value: sample }])).toEqual({ ok: true, value: sample });
  });
});
