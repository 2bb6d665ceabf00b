import type { Clock } from '../../base/clock.ts';
import { err } from '../../base/result.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import type { ExtensionDefinition } from '../../planning/extension-definition.ts';
import { planWithExtensions } from '../../planning/plan-with-extensions.ts';
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
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (signal.aborted) {
        return err([{ code: 'PLANNER_CANCELLED' as const, message: 'the plan was no longer wanted' }]);
      }
      const end = clock.monotonic() + request.policy.budget.maxSearchMs;
      return planWithExtensions(request, { shouldStop: () => clock.monotonic() > end }, extensions);
    },
    async close() {},
  };
}
