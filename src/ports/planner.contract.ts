import { describe, expect, test } from 'bun:test';
import { canonicalJson } from '../base/digest.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import { digestSnapshot } from '../domain/snapshot-digest.ts';
import { annealedRequest, planOfLanes } from '../planning/annealed-fleet.testing.ts';
import { compareLevels } from '../planning/build-objective.ts';
import { explainPlan } from '../planning/explain/explain-plan.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../planning/fleet.testing.ts';
import type { Planner } from './planner.ts';

const never = new AbortController().signal;

/** Everything on the first of three nodes, and so little that only an exchange would tell seeds apart. */
function unevenRequest(dimension = 'cpu'): PlanningRequest {
  const nodes = ['a', 'b', 'c'].map((id) => node(id, 1, { capacity: [60] }));
  const shards = Array.from({ length: 6 }, (_, s) => shard(`s${s}`, ['a'], [1 + (s % 5)]));
  return requestFor(fleet(['cpu'], nodes, shards), freePolicy([dimension]));
}

/** What every planner promises, wherever it computes: whichever passes gives the same bytes as any other that does. */
export function plannerContract(name: string, open: () => Planner): void {
  async function withPlanner(work: (planner: Planner) => Promise<void>): Promise<void> {
    const planner = open();
    try {
      await work(planner);
    } finally {
      await planner.close();
    }
  }

  describe(`the planner contract, ${name}`, () => {
    for (const searchLanes of [1, 2, 3]) {
      test(`of a fleet that anneals the plan is the best of ${searchLanes} lanes, byte for byte`, () =>
        withPlanner(async (planner) => {
          for (const seed of [1, 3, 6]) {
            const request = annealedRequest(seed, searchLanes);
            const answer = await planner.plan(request, never);
            expect(answer.ok && answer.value.moves.length).toBeGreaterThan(0);
            expect(canonicalJson(answer)).toBe(canonicalJson(planOfLanes(request)));
          }
        }));
    }

    test('no plan is worse than that of the first lane alone, and all lanes are counted', () =>
      withPlanner(async (planner) => {
        for (const seed of [1, 2, 3, 4]) {
          const alone = await planner.plan(annealedRequest(seed, 1), never);
          const best = await planner.plan(annealedRequest(seed, 2), never);
          if (!alone.ok || !best.ok) throw new Error('there is no plan');
          const [one, two] = [alone.value.summary, best.value.summary];
          expect(compareLevels(two.objectiveAfter, one.objectiveAfter)).toBeLessThanOrEqual(0);
          expect(two.evaluations).toBeGreaterThan(one.evaluations);
          expect(two.deterministic).toBe(true);
        }
      }));

    test('a fleet that needs no annealing is planned as one lane plans it', () =>
      withPlanner(async (planner) => {
        const answer = await planner.plan(unevenRequest(), never);
        expect(answer.ok && answer.value.moves.length).toBeGreaterThan(0);
        expect(canonicalJson(answer)).toBe(canonicalJson(planOfLanes(unevenRequest())));
      }));

    test('a search that the clock ends is the only one that is not reproducible, and says so', () =>
      withPlanner(async (planner) => {
        const request = annealedRequest(1);
        const { policy } = request;
        const hurried = { ...policy, budget: { ...policy.budget, maxSearchMs: 1, maxEvaluations: 1e9 } };
        const answer = await planner.plan({ ...request, policy: hurried }, never);
        expect(answer.ok && answer.value.summary.deterministic).toBe(false);
      }));

    test('explains a plan', () =>
      withPlanner(async (planner) => {
        const planning = unevenRequest();
        const made = await planner.plan(planning, never);
        if (!made.ok) throw new Error('there is no plan');
        const { moves, obstacles } = made.value;
        const question = {
          planning,
          moves,
          obstacles,
          subject: { kind: 'node', id: 'a' },
          limit: 3,
        } as const;
        const answer = await planner.explain(question, never);
        expect(answer).toMatchObject({ ok: true, value: { kind: 'node', node: { node: 'a' } } });
        expect(answer).toEqual(explainPlan(question));
      }));

    test("leaves the caller's snapshot whole", () =>
      withPlanner(async (planner) => {
        const request = annealedRequest(1);
        await planner.plan(request, never);
        expect(digestSnapshot(request.snapshot)).toBe(request.snapshot.digest);
        expect(request.distress).toEqual(new Float64Array(request.snapshot.nodes.length));
      }));

    test('passes problems on', () =>
      withPlanner(async (planner) => {
        const answer = await planner.plan(unevenRequest('gpu'), never);
        expect(answer.ok ? [] : answer.error).toMatchObject([{ code: 'POLICY_DIMENSION_UNKNOWN' }]);
      }));

    test('a request that is cancelled has no answer, the next one has', () =>
      withPlanner(async (planner) => {
        const cancelled = new AbortController();
        const first = planner.plan(annealedRequest(1), cancelled.signal);
        const second = planner.plan(annealedRequest(2), never);
        cancelled.abort();
        expect(await first).toMatchObject({ ok: false, error: [{ code: 'PLANNER_CANCELLED' }] });
        expect(canonicalJson(await second)).toBe(canonicalJson(planOfLanes(annealedRequest(2))));
      }));
  });
}
