import type { PlanStatus } from '../domain/plan-status.ts';
import type { Store } from '../ports/store.ts';

/** When the namespace's last plan that moved something ended, and how: what cooldowns are counted from. */
export interface PlanHistory {
  /** 0 when there is none. */
  readonly lastPlanEndedAt: number;
  readonly lastPlanFailed: boolean;
}

const endings: readonly PlanStatus[] = [
  'completed',
  'failed',
  'cancelled',
  'superseded',
  'rollingBack',
  'rolledBack',
];

/** Plans are listed newest first; among these the last to end is found, whatever was withdrawn in between. */
const plansLookedAt = 50;

export async function readPlanHistory(
  store: Store,
  cluster: string,
  namespace: string,
): Promise<PlanHistory> {
  const page = await store.plans({ cluster, namespace, statuses: endings, pageSize: plansLookedAt });
  const started = page.ok ? page.value.items.filter((plan) => plan.startedAt > 0 && plan.endedAt > 0) : [];
  const last = started.reduce(
    (best, plan) => (best && best.endedAt >= plan.endedAt ? best : plan),
    started[0],
  );
  return { lastPlanEndedAt: last?.endedAt ?? 0, lastPlanFailed: last?.status === 'failed' };
}
