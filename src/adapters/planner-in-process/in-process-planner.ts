import type { Clock } from '../../base/clock.ts';
import { err } from '../../base/result.ts';
import type { ExplanationRequest } from '../../domain/explanation.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ExtensionDefinition } from '../../planning/extension-definition.ts';
import { explainWithExtensions, planWithExtensions } from '../../planning/plan-with-extensions.ts';
import type { Planner } from '../../ports/planner.ts';

/**
 * Runs the planner in this thread, after letting what waits run first. For tests, the offline command and small
 * fleets; a service uses the worker, since a search keeps this thread busy until it ends.
 *
 * Problems: those of `planWithExtensions`; PLANNER_CANCELLED when the signal aborted before it began.
 *
 * @param clock measures the search against the policy's `maxSearchMs`
 * @param extensions that policies may name: code that this program trusts not to run forever
 */
export function createInProcessPlanner(
  clock: Pick<Clock, 'monotonic'>,
  extensions: readonly ExtensionDefinition[] = [],
): Planner {
  return {
    async plan(request: PlanningRequest, signal: AbortSignal) {
      await nextTurn();
      if (signal.aborted) return err([unwanted]);
      const end = clock.monotonic() + request.policy.budget.maxSearchMs;
      return planWithExtensions(request, { shouldStop: () => clock.monotonic() > end }, extensions);
    },
    async explain(request: ExplanationRequest, signal: AbortSignal) {
      await nextTurn();
      return signal.aborted ? err([unwanted]) : explainWithExtensions(request, extensions);
    },
    async close() {},
  };
}

const unwanted: Problem = { code: 'PLANNER_CANCELLED', message: 'the answer was no longer wanted' };

function nextTurn(): Promise<void> {
  return new Promise<void>((resolve) => setImmediate(resolve));
}
