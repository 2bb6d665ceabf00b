import { err, ok, type Result } from '../base/result.ts';
import type { Approval } from '../domain/approval.ts';
import type { MeshEventDraft } from '../domain/event.ts';
import type { Plan, PlanContent } from '../domain/plan.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import { judgePlan } from '../guardrails/judge-plan.ts';
import { approvalProblems, isComplete } from './approval-requirement.ts';
import { type CommandAttempt, findUnit, runCommand } from './command-support.ts';
import { joinBatches } from './controller-store.ts';
import type { CommandDeps, NamespaceUnit } from './core-deps.ts';
import { driftOf, driftProblems } from './plan-drift.ts';
import { readPlanHistory } from './plan-history.ts';
import { aboutPlan, attemptTransition, readTarget } from './plan-target.ts';
import { type Problems, problemsOfVerdicts, someProblems } from './problems.ts';
import type { ApprovePlanRequest, CommandResult } from './rebalancer.ts';

/**
 * One principal's consent to the content that `digest` names; with the last one that is needed the plan is judged
 * once more against the world of now, and starts. Problems: PLAN_NOT_FOUND, PLAN_STALE, PLAN_DRY_RUN, PLAN_EXPIRED,
 * PLAN_STATUS, PLAN_DIGEST_MISMATCH, APPROVAL_*, PLAN_DRIFTED with each difference, every guardrail that blocks.
 */
export async function approvePlan(
  deps: CommandDeps,
  request: ApprovePlanRequest,
  context: CommandContext,
): Promise<CommandResult<Plan>> {
  const about = await aboutPlan(deps, 'plan.approve', request.id);
  const approved = await runCommand(deps, about, context, () => attemptApproval(deps, request, context));
  if (approved.ok) deps.units.get(approved.value.namespace)?.nudge();
  return approved;
}

async function attemptApproval(
  deps: CommandDeps,
  request: ApprovePlanRequest,
  context: CommandContext,
): Promise<Result<CommandAttempt<Plan>, Problems>> {
  const target = await readTarget(deps, request);
  if (!target.ok) return target;
  const { plan, content } = target.value;
  const now = deps.clock.now();
  const unfit = whyNotApprovable(plan, request.digest, now) ?? approvalProblems(plan, context.principal)[0];
  if (unfit) return err([unfit]);
  const unit = findUnit(deps, plan.namespace);
  if (!unit.ok) return unit;
  const changed = withApproval(plan, context, now);
  const event = approvalEvent(changed, context, now);
  if (!isComplete(plan.approval, changed.approvals)) return ok(partialApproval(changed, context, event, now));
  const world = await judgeWorld(deps, unit.value, changed, content);
  if (!world.ok) return world;
  const { approvals, changeTicket } = changed;
  const moved = attemptTransition(deps, plan, context, {
    to: 'approved',
    action: 'plan.approve',
    change: { approvals, changeTicket },
  });
  if (!moved.ok) return moved;
  return ok({ ...moved.value, batch: joinBatches({ events: [event] }, moved.value.batch) });
}

function whyNotApprovable(plan: Plan, digest: string, now: number): Problem | undefined {
  const subject = `plan/${plan.id}`;
  if (plan.status === 'draft') {
    return { code: 'PLAN_DRY_RUN', message: `plan ${plan.id} is a dry run and is never executed`, subject };
  }
  if (plan.status === 'expired' || (plan.status === 'pendingApproval' && plan.expiresAt <= now)) {
    const until = new Date(plan.expiresAt).toISOString();
    return { code: 'PLAN_EXPIRED', message: `plan ${plan.id} could be approved until ${until}`, subject };
  }
  if (plan.status !== 'pendingApproval') {
    return {
      code: 'PLAN_STATUS',
      message: `plan ${plan.id} is ${plan.status} and waits for no approval`,
      field: 'status',
      value: plan.status,
      limit: 'pendingApproval',
      subject,
    };
  }
  if (digest === plan.digest) return undefined;
  return {
    code: 'PLAN_DIGEST_MISMATCH',
    message: `plan ${plan.id} has another digest than the one that was approved`,
    field: 'digest',
    value: digest,
    limit: plan.digest,
    subject,
  };
}

function withApproval(plan: Plan, { principal, reason, changeTicket }: CommandContext, at: number): Plan {
  const { id, groups } = principal;
  const approval: Approval = { principal: id, groups, digest: plan.digest, at, reason, changeTicket };
  return {
    ...plan,
    revision: plan.revision + 1,
    approvals: [...plan.approvals, approval],
    // A plan that the controller made has no ticket until somebody who approves it names one.
    changeTicket: plan.changeTicket || changeTicket,
  };
}

/** Drift and guardrails at the moment in which the plan would become approved. */
async function judgeWorld(
  deps: CommandDeps,
  unit: NamespaceUnit,
  plan: Plan,
  content: PlanContent,
): Promise<Result<void, Problems>> {
  const seen = await unit.world.look();
  if (!seen.ok) return seen;
  const { snapshot, policy, incidents, moveTraces } = seen.value;
  const drifted = driftProblems(plan.id, driftOf(content.moves, [], snapshot));
  if (drifted.length > 0) return err(someProblems(drifted, 'the plan drifted'));
  if (policy.revision !== plan.policyRevision) {
    return err([
      {
        code: 'PLAN_DRIFTED',
        message: `plan ${plan.id} was made under another revision of the policy`,
        field: 'policyRevision',
        value: policy.revision,
        limit: plan.policyRevision,
        subject: `plan/${plan.id}`,
      },
    ]);
  }
  const history = await readPlanHistory(deps.store, plan.cluster, plan.namespace);
  const verdicts = judgePlan({
    phase: 'approve',
    now: deps.clock.now(),
    snapshot,
    policy,
    kind: plan.kind,
    moves: content.moves,
    summary: plan.summary,
    changeTicket: plan.changeTicket,
    incidents,
    moveTraces,
    ...history,
    overrides: plan.overrides,
  });
  const blocking = problemsOfVerdicts(verdicts);
  return blocking.length > 0 ? err(someProblems(blocking, 'guardrails block the plan')) : ok(undefined);
}

function partialApproval(
  plan: Plan,
  context: CommandContext,
  event: MeshEventDraft,
  at: number,
): CommandAttempt<Plan> {
  const { cluster, namespace } = plan;
  const audit = {
    at,
    actor: context.principal.id,
    action: 'plan.approve',
    cluster,
    namespace,
    subject: `plan/${plan.id}`,
    reason: context.reason,
    changeTicket: context.changeTicket,
    transport: context.transport,
    outcome: 'ok',
    before: plan.snapshotDigest,
    after: '',
    details: {
      from: plan.status,
      to: plan.status,
      digest: plan.digest,
      approvals: `${plan.approvals.length} of ${plan.approval.required}`,
    },
  };
  return { batch: { plans: [plan], audit: [audit], events: [event] }, answer: plan };
}

function approvalEvent(plan: Plan, { principal }: CommandContext, at: number): MeshEventDraft {
  return {
    at,
    type: 'planApproved',
    cluster: plan.cluster,
    namespace: plan.namespace,
    subject: `plan/${plan.id}`,
    data: {
      by: principal.id,
      approvals: plan.approvals.length,
      required: plan.approval.required,
      digest: plan.digest,
      revision: plan.revision,
    },
  };
}
