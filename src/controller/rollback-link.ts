import type { Plan } from '../domain/plan.ts';
import { transitionPlan } from '../domain/plan-transition.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import { statusAfterRollback } from '../execution/rollback.ts';
import type { CommitBatch, Store } from '../ports/store.ts';

/**
 * What a rollback plan's start or end does to the plan that it takes back: rollingBack in the name of who asked, then
 * rolledBack or failed. An empty batch for other plans, and when the original is already there.
 */
export async function writeOfRollback(store: Store, plan: Plan, at: number): Promise<CommitBatch> {
  if (plan.rollbackOf === '' || plan.status === 'draft') return {};
  const original = await store.plan(plan.rollbackOf);
  if (!original) return {};
  const started = plan.startedAt > 0 || plan.status === 'approved' || plan.status === 'executing';
  const after = statusAfterRollback(plan.status);
  if (after === undefined && !started) return {};
  const write = transitionPlan(original, {
    to: after ?? 'rollingBack',
    by: after ? 'controller' : 'operator',
    principal: after ? controllerPrincipal.id : plan.createdBy,
    at,
    action: 'plan.rollback',
    reason: plan.reason,
    transport: 'internal',
    change: { rolledBackBy: plan.id },
    details: { rollbackPlan: plan.id },
    ...(after === 'failed' && {
      outcome: {
        code: plan.outcome?.code ?? 'PLAN_INCOMPLETE',
        message: `its rollback ${plan.id} is ${plan.status}`,
        remedy: 'Look at the rollback plan; make a new plan.',
      },
    }),
  });
  if (!write.ok) return {};
  return { plans: [write.value.plan], audit: [write.value.audit], events: [write.value.event] };
}
