import type { Plan, PlanOutcome } from '../domain/plan.ts';
import { transitionPlan } from '../domain/plan-transition.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { CommitBatch } from '../ports/store.ts';
import { approveAutomatically } from './approve-automatically.ts';
import type { CoreDeps } from './core-deps.ts';
import type { WorldView } from './namespace-world.ts';
import { outrankingOfPending } from './outranking.ts';
import { driftOf, isLasting } from './plan-drift.ts';

/**
 * Looks after a plan that has not begun: it expires when its time is over, is superseded when the world or the policy
 * is no longer the one it was made for, and is approved where policy asks nobody. Returns the plan as it is then.
 *
 * @param view undefined while the fleet cannot be seen; then only its time counts
 */
export async function tendPendingPlan(
  core: CoreDeps,
  planId: string,
  view: WorldView | undefined,
  fence: CommitBatch['fence'],
): Promise<Plan | undefined> {
  const plan = await core.store.plan(planId);
  if (plan?.status !== 'pendingApproval' && plan?.status !== 'approved') return plan;
  const now = core.clock.now();
  const end = now >= plan.expiresAt ? expiry(plan) : await supersession(core, plan, view);
  if (!end) {
    if (plan.status === 'pendingApproval') await approveAutomatically(core, planId, fence);
    return core.store.plan(planId);
  }
  const ended = transitionPlan(plan, {
    to: end.to,
    by: 'controller',
    principal: controllerPrincipal.id,
    at: now,
    action: end.to === 'expired' ? 'plan.expire' : 'plan.supersede',
    reason: end.outcome.message,
    transport: 'internal',
    outcome: end.outcome,
    change: { endedAt: now },
  });
  if (!ended.ok) return plan;
  const { plan: changed, audit, event } = ended.value;
  const batch = { plans: [changed], audit: [audit], events: [event] };
  const committed = await core.store.commit(fence ? { ...batch, fence } : batch);
  return committed.ok ? changed : core.store.plan(planId);
}

interface PlanEnd {
  readonly to: 'expired' | 'superseded';
  readonly outcome: PlanOutcome;
}

const makeAnother = 'Make a new plan.';

function expiry(plan: Plan): PlanEnd {
  const message =
    plan.status === 'approved'
      ? 'it was approved and could not start in time'
      : `${plan.approvals.length} of ${plan.approval.required} approvals came in time`;
  return { to: 'expired', outcome: { code: 'PLAN_EXPIRED', message, remedy: makeAnother } };
}

async function supersession(
  core: CoreDeps,
  plan: Plan,
  view: WorldView | undefined,
): Promise<PlanEnd | undefined> {
  if (!view) return undefined;
  const because = (message: string): PlanEnd => ({
    to: 'superseded',
    outcome: { code: 'PLAN_DRIFTED', message, remedy: makeAnother },
  });
  if (view.policy.revision !== plan.policyRevision) {
    return because(`the policy is in revision ${view.policy.revision}, not ${plan.policyRevision}`);
  }
  if ((plan.kind === 'drain' || plan.kind === 'restore') && view.vacate.kind === 'none') {
    return because('no node must be vacated any more');
  }
  const outranked = plan.status === 'pendingApproval' ? outrankingOfPending(plan, view) : undefined;
  if (outranked) return { to: 'superseded', outcome: outranked };
  const content = await core.store.planContent(plan.digest);
  const drifted = driftOf(content?.moves ?? [], [], view.snapshot).filter(isLasting);
  const [first] = drifted;
  if (!first) return undefined;
  return because(
    `${drifted.length} of its moves no longer fit, first ${first.moveId}: ${first.what} of shard ${first.shard} is ${first.actual}, not ${first.expected}`,
  );
}
