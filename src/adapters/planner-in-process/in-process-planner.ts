import type { Clock } from '../../base/clock.ts';
import { nextTurn } from '../../base/next-turn.ts';
import { err, type Result } from '../../base/result.ts';
import type { ExplanationRequest } from '../../domain/explanation.ts';
import type { PlanningRequest, PlanningResult } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ExtensionDefinition } from '../../planning/extension-definition.ts';
import { bestOfLanes, laneRequest, lanesOf } from '../../planning/plan-lanes.ts';
import { explainWithExtensions, planWithExtensions } from '../../planning/plan-with-extensions.ts';
import type { Planner } from '../../ports/planner.ts';

/**
 * Runs the planner in this thread, one lane after the other, before each of them letting what waits run. For tests, the
 * offline command and small fleets; a service uses the worker, since a search keeps this thread busy until it ends.
 *
 * Problems: those of `planWithExtensions`; PLANNER_CANCELLED when the signal aborted before a lane began.
 *
 * @param clock measures the search, all lanes together, against the policy's `maxSearchMs`
 * @param extensions that policies may name: code that this program trusts not to run forever
 */
export function createInProcessPlanner(
  clock: Pick<Clock, 'monotonic'>,
  extensions: readonly ExtensionDefinition[] = [],
): Planner {
  return {
    async plan(request: PlanningRequest, signal: AbortSignal) {
      const deadline = clock.monotonic() + request.policy.budget.maxSearchMs;
      const stop = { shouldStop: () => clock.monotonic() > deadline };
      const answers: Result<PlanningResult, readonly Problem[]>[] = [];
      for (let lane = 0; lane < lanesOf(request); lane++) {
        await nextTurn();
        if (signal.aborted) return err([unwanted]);
        answers.push(planWithExtensions(laneRequest(request, lane), stop, extensions));
      }
      return bestOfLanes(answers);
    },
    async explain(request: ExplanationRequest, signal: AbortSignal) {
      await nextTurn();
      return signal.aborted ? err([unwanted]) : explainWithExtensions(request, extensions);
    },
    async close() {},
  };
}

const unwanted: Problem = { code: 'PLANNER_CANCELLED', message: 'the answer was no longer wanted' };
