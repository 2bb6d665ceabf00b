import type { Plan, PlanOutcome } from '../domain/plan.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { ExecutionDeps } from './execution-deps.ts';
import { createPlanLog } from './plan-log.ts';

/** Ends a plan without a single call to the fleet. */
export async function refusePlan(deps: ExecutionDeps, plan: Plan, outcome: PlanOutcome): Promise<Plan> {
  const log = createPlanLog(deps, plan, () => {});
  const at = deps.clock.now();
  await log.transition({
    to: 'failed',
    by: 'controller',
    principal: controllerPrincipal.id,
    at,
    action: 'plan.fail',
    reason: outcome.message,
    transport: 'internal',
    outcome,
    change: { endedAt: at },
  });
  return log.plan();
}
