import type { AuditRecord } from '../domain/audit-record.ts';
import type { Plan } from '../domain/plan.ts';
import type { Store } from '../ports/store.ts';
import type { CancelRequest } from './plan-run.ts';

/** Records of one plan's cancellation that are looked through; a plan is cancelled once. */
const maxCancelRecords = 100;

/**
 * Who had asked to cancel a plan before the service restarted, and how: the audit trail knows. Undefined for a plan
 * that is paused for another reason.
 */
export async function findCancelRequest(store: Store, plan: Plan): Promise<CancelRequest | undefined> {
  if (plan.outcome?.code !== 'PLAN_CANCELLING') return undefined;
  const records = await store.auditRecords({
    subject: `plan/${plan.id}`,
    action: 'plan.cancel',
    limit: maxCancelRecords,
  });
  return requestOf(records.filter((record) => record.details.inFlight).at(-1));
}

function requestOf(record: AuditRecord | undefined): CancelRequest {
  return {
    inFlight: record?.details.inFlight === 'abort' ? 'abort' : 'finish',
    context: {
      principal: { id: record?.actor ?? 'unknown', groups: [], grants: [] },
      reason: record?.reason ?? '',
      changeTicket: record?.changeTicket ?? '',
      transport: record?.transport ?? 'internal',
    },
  };
}
