import { err, type Result } from '../base/result.ts';
import type { Plan } from '../domain/plan.ts';
import { mayHaveMovesInFlight } from '../domain/plan-status.ts';
import type { CommandContext } from '../domain/principal.ts';
import { approvalProblems } from './approval-requirement.ts';
import { findUnit, refuse, runCommand } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { aboutPlan, attemptTransition, readTarget } from './plan-target.ts';
import type { Problems } from './problems.ts';
import type { CancelPlanRequest, CommandResult, PlanTarget } from './rebalancer.ts';

/** Says no to a pending plan. Problems: PLAN_NOT_FOUND, PLAN_STALE, PLAN_STATUS, APPROVAL_GROUP. */
export async function rejectPlan(
  deps: CommandDeps,
  request: PlanTarget,
  context: CommandContext,
): Promise<CommandResult<Plan>> {
  const about = await aboutPlan(deps, 'plan.reject', request.id);
  const rejected = await runCommand(deps, about, context, async () => {
    const target = await readTarget(deps, request);
    if (!target.ok) return target;
    const { plan } = target.value;
    // Authors may reject what they made, and one who approved may think again; outsiders have no say.
    const group = approvalProblems(plan, context.principal).find((each) => each.code === 'APPROVAL_GROUP');
    if (plan.status === 'pendingApproval' && group) return err<Problems>([group]);
    const outcome = {
      code: 'PLAN_REJECTED',
      message: `${context.principal.id} rejected it: ${context.reason || 'no reason given'}`,
      remedy: 'Make a new plan.',
    };
    const change = { endedAt: deps.clock.now() };
    return attemptTransition(deps, plan, context, { to: 'rejected', action: 'plan.reject', outcome, change });
  });
  if (rejected.ok) deps.units.get(rejected.value.namespace)?.nudge();
  return rejected;
}

/**
 * Withdraws a plan that has not begun, or stops one that runs; then the answer is the plan as the executor left it.
 * Problems: PLAN_NOT_FOUND, PLAN_STALE, PLAN_STATUS.
 */
export async function cancelPlan(
  deps: CommandDeps,
  request: CancelPlanRequest,
  context: CommandContext,
): Promise<CommandResult<Plan>> {
  const about = await aboutPlan(deps, 'plan.cancel', request.id);
  const target = await readTarget(deps, request);
  if (!target.ok) return refuse(deps, about, context, target.error);
  if (mayHaveMovesInFlight(target.value.plan.status)) {
    const unit = findUnit(deps, target.value.plan.namespace);
    if (!unit.ok) return refuse(deps, about, context, unit.error);
    const cancelled = await unit.value.executor.cancel(request.id, request.inFlight, context);
    if (!cancelled.ok) return refuse(deps, about, context, [cancelled.error]);
    unit.value.nudge();
    return cancelled;
  }
  const cancelled = await runCommand(deps, about, context, async () => {
    const read = await readTarget(deps, request);
    if (!read.ok) return read;
    return withdraw(deps, read.value.plan, context);
  });
  if (cancelled.ok) deps.units.get(cancelled.value.namespace)?.nudge();
  return cancelled;
}

function withdraw(deps: CommandDeps, plan: Plan, context: CommandContext) {
  const outcome = {
    code: 'PLAN_CANCELLED',
    message: `${context.principal.id} withdrew it: ${context.reason || 'no reason given'}`,
    remedy: 'Make a new plan.',
  };
  const change = { endedAt: deps.clock.now() };
  return attemptTransition(deps, plan, context, { to: 'cancelled', action: 'plan.cancel', outcome, change });
}

/** Lets moves in flight end and starts no others. Problems: PLAN_NOT_FOUND, PLAN_STALE, PLAN_STATUS. */
export function pausePlan(deps: CommandDeps, request: PlanTarget, context: CommandContext) {
  return tellExecutor(deps, 'pause', request, context);
}

/** Goes on with a paused plan. Problems: PLAN_NOT_FOUND, PLAN_STALE, PLAN_STATUS. */
export function resumePlan(deps: CommandDeps, request: PlanTarget, context: CommandContext) {
  return tellExecutor(deps, 'resume', request, context);
}

async function tellExecutor(
  deps: CommandDeps,
  verb: 'pause' | 'resume',
  request: PlanTarget,
  context: CommandContext,
): Promise<Result<Plan, Problems>> {
  const about = await aboutPlan(deps, `plan.${verb}`, request.id);
  const target = await readTarget(deps, request);
  if (!target.ok) return refuse(deps, about, context, target.error);
  const unit = findUnit(deps, target.value.plan.namespace);
  if (!unit.ok) return refuse(deps, about, context, unit.error);
  const told = await unit.value.executor[verb](request.id, context);
  if (!told.ok) return refuse(deps, about, context, [told.error]);
  unit.value.nudge();
  return told;
}
