import { err, ok, type Result } from '../base/result.ts';
import type { Plan, PlanContent } from '../domain/plan.ts';
import {
  type PlanTransitionWrite,
  type TransitionRequest,
  transitionPlan,
} from '../domain/plan-transition.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { CommandAttempt, CommandSubject } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { readPlan } from './plan-queries.ts';
import type { Problems } from './problems.ts';
import type { PlanTarget } from './rebalancer.ts';

/** What a command on a plan is about, before anything of the plan is known but its id. */
export async function aboutPlan(deps: CommandDeps, action: string, id: string): Promise<CommandSubject> {
  const plan = await deps.store.plan(id);
  return { action, namespace: plan?.namespace ?? '', subject: `plan/${id}` };
}

/** The plan, in the revision named if one was. Problems: PLAN_NOT_FOUND, PLAN_STALE. */
export async function readTarget(
  deps: CommandDeps,
  target: PlanTarget,
): Promise<Result<{ readonly plan: Plan; readonly content: PlanContent }, Problems>> {
  const stored = await readPlan(deps.store, target.id);
  if (!stored.ok) return stored;
  const { plan } = stored.value;
  if (target.revision === undefined || target.revision === plan.revision) return stored;
  return err([
    {
      code: 'PLAN_STALE',
      message: `plan ${plan.id} is in revision ${plan.revision}, not ${target.revision}`,
      field: 'revision',
      value: target.revision,
      limit: plan.revision,
      subject: `plan/${plan.id}`,
    },
  ]);
}

/** A change of status that a person asks for, ready to be committed. Problem: PLAN_STATUS. */
export function attemptTransition(
  deps: CommandDeps,
  plan: Plan,
  context: CommandContext,
  change: Pick<TransitionRequest, 'to' | 'action' | 'outcome' | 'change'>,
): Result<CommandAttempt<Plan>, Problems> {
  const moved = transitionPlan(plan, {
    ...change,
    by: 'operator',
    principal: context.principal.id,
    at: deps.clock.now(),
    reason: context.reason,
    transport: context.transport,
  });
  if (!moved.ok) return err([moved.error]);
  return ok(attemptOfWrite(moved.value));
}

function attemptOfWrite({ plan, audit, event }: PlanTransitionWrite): CommandAttempt<Plan> {
  // A person's decision succeeded also when what it decided on is a rejection: the code of that is in the details.
  const asked = { ...audit, outcome: 'ok', details: { ...audit.details, code: audit.outcome } };
  return { batch: { plans: [plan], audit: [asked], events: [event] }, answer: plan };
}
