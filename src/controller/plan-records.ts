import type { AuditDraft } from '../domain/audit-record.ts';
import type { MeshEventDraft } from '../domain/event.ts';
import type { Plan, PlanContent } from '../domain/plan.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { CommitBatch } from '../ports/store.ts';

/** What stores a new plan: header, content, snapshot, its audit record, and events for it and for each verdict. */
export function writeOfNewPlan(
  plan: Plan,
  content: PlanContent,
  snapshot: Snapshot,
  transport: string,
): CommitBatch {
  return {
    plans: [plan],
    planContents: [{ digest: plan.digest, content }],
    snapshots: [snapshot],
    audit: [auditOfNewPlan(plan, transport)],
    events: [eventOfNewPlan(plan), ...verdictEvents(plan)],
  };
}

function auditOfNewPlan(plan: Plan, transport: string): AuditDraft {
  const overrides = plan.overrides.map((each) => `${each.code}: ${each.reason}`).join('; ');
  return {
    at: plan.createdAt,
    actor: plan.createdBy,
    action: plan.rollbackOf ? 'plan.rollback' : 'plan.create',
    cluster: plan.cluster,
    namespace: plan.namespace,
    subject: `plan/${plan.id}`,
    reason: plan.reason,
    changeTicket: plan.changeTicket,
    transport,
    outcome: 'ok',
    before: plan.snapshotDigest,
    after: '',
    details: {
      to: plan.status,
      kind: plan.kind,
      trigger: plan.trigger,
      digest: plan.digest,
      moves: String(plan.summary.moves),
      ...(plan.rollbackOf && { rollbackOf: plan.rollbackOf }),
      ...(overrides && { overrides }),
    },
  };
}

function eventOfNewPlan(plan: Plan): MeshEventDraft {
  return {
    at: plan.createdAt,
    type: 'planCreated',
    cluster: plan.cluster,
    namespace: plan.namespace,
    subject: `plan/${plan.id}`,
    data: {
      status: plan.status,
      kind: plan.kind,
      trigger: plan.trigger,
      digest: plan.digest,
      moves: plan.summary.moves,
      revision: plan.revision,
    },
  };
}

/** Of a plan that was just made, what throttles or blocks it; permissions are only in the plan. */
function verdictEvents(plan: Plan): readonly MeshEventDraft[] {
  return plan.verdicts
    .filter((verdict) => verdict.decision !== 'allow')
    .map((verdict) => ({
      at: plan.createdAt,
      type: 'guardrailVerdict',
      cluster: plan.cluster,
      namespace: plan.namespace,
      subject: `plan/${plan.id}`,
      data: {
        code: verdict.code,
        decision: verdict.decision,
        about: verdict.subject,
        observed: verdict.observed,
        limit: verdict.limit,
        message: verdict.message,
      },
    }));
}
