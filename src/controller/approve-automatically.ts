import { transitionPlan } from '../domain/plan-transition.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { CommitBatch } from '../ports/store.ts';
import { isComplete } from './approval-requirement.ts';
import type { CoreDeps } from './core-deps.ts';

/**
 * Approves a pending plan in the service's own name where policy asks nobody: its kind is automatic, or no approval
 * is required. Any other plan is left as it is; so is one that somebody changed meanwhile.
 */
export async function approveAutomatically(
  core: CoreDeps,
  planId: string,
  fence?: CommitBatch['fence'],
): Promise<void> {
  const plan = await core.store.plan(planId);
  if (plan?.status !== 'pendingApproval') return;
  const { approval } = plan;
  if (!approval.automatic && !isComplete(approval, [])) return;
  const why = approval.automatic
    ? `policy approves plans of kind ${plan.kind} automatically`
    : 'policy asks for no approval';
  const approved = transitionPlan(plan, {
    to: 'approved',
    by: 'controller',
    principal: controllerPrincipal.id,
    at: core.clock.now(),
    action: 'plan.approve',
    reason: why,
    transport: 'internal',
  });
  if (!approved.ok) return;
  const { plan: changed, audit, event } = approved.value;
  const batch = { plans: [changed], audit: [audit], events: [event] };
  const committed = await core.store.commit(fence ? { ...batch, fence } : batch);
  if (!committed.ok) {
    core.log.warn('a plan could not be approved automatically', { planId, code: committed.error.code });
  }
}
