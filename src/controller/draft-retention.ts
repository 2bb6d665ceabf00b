import type { Plan } from '../domain/plan.ts';
import { transitionPlan } from '../domain/plan-transition.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { CoreDeps } from './core-deps.ts';

/** Dry runs kept per namespace; older ones expire when a new one is made. */
export const maxDrafts = 100;

/** Drafts looked at in one sweep: the largest page that the store gives. */
const sweepSize = 500;

/** Expires dry runs past their time, and the oldest of those beyond `maxDrafts`. */
export async function expireOldDrafts(core: CoreDeps, namespace: string): Promise<void> {
  const query = { cluster: core.cluster, namespace, statuses: ['draft' as const], pageSize: sweepSize };
  const page = await core.store.plans(query);
  if (!page.ok) return;
  const now = core.clock.now();
  const old = page.value.items.filter((plan, place) => place >= maxDrafts || plan.expiresAt <= now);
  for (const plan of old) await expireDraft(core, plan, now);
}

async function expireDraft(core: CoreDeps, plan: Plan, at: number): Promise<void> {
  const expired = transitionPlan(plan, {
    to: 'expired',
    by: 'controller',
    principal: controllerPrincipal.id,
    at,
    action: 'plan.expire',
    reason: 'the dry run is past its retention',
    transport: 'internal',
  });
  if (!expired.ok) return;
  const { plan: changed, audit, event } = expired.value;
  // Somebody else expired it in the same moment: nothing is lost.
  await core.store.commit({ plans: [changed], audit: [audit], events: [event] });
}
