import type { Clock } from '../../base/clock.ts';
import { err } from '../../base/result.ts';
import type { ExplanationRequest } from '../../domain/explanation.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';
import { computePlan } from '../../planning/compute-plan.ts';
import { explainPlan } from '../../planning/explain/explain-plan.ts';
import type { Planner } from '../../ports/planner.ts';

/**
 * Runs the planner in this thread, after letting what waits run first. For tests, the offline command and small
 * fleets; a service uses the worker, since a search keeps this thread busy until it ends.
 *
 * Problems: those of `computePlan`; PLANNER_CANCELLED when the signal aborted before it began.
 *
 * @param clock measures the search against the policy's `maxSearchMs`
 */
export function createInProcessPlanner(clock: Pick<Clock, 'monotonic'>): Planner {
  return {
    async plan(request: PlanningRequest, signal: AbortSignal) {
      await nextTurn();
      if (signal.aborted) return err([unwanted]);
      const end = clock.monotonic() + request.policy.budget.maxSearchMs;
      return computePlan(request, { shouldStop: () => clock.monotonic() > end });
    },
    async explain(request: ExplanationRequest, signal: AbortSignal) {
      await nextTurn();
      return signal.aborted ? err([unwanted]) : explainPlan(request);
    },
    async close() {},
  };
}

const unwanted: Problem = { code: 'PLANNER_CANCELLED', message: 'the answer was no longer wanted' };

function nextTurn(): Promise<void> {
  return new Promise<void>((resolve) => setImmediate(resolve));
}
