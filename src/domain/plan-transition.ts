import { err, ok, type Result } from '../base/result.ts';
import type { AuditDraft } from './audit-record.ts';
import type { MeshEventDraft } from './event.ts';
import type { Plan, PlanOutcome } from './plan.ts';
import { mayTransition, type PlanActor, type PlanStatus, planTransitions } from './plan-status.ts';
import type { Problem } from './problem.ts';

export interface TransitionRequest {
  readonly to: PlanStatus;
  readonly by: PlanActor;
  /** Principal in whose name it happens. */
  readonly principal: string;
  readonly at: number;
  /** `plan.cancel`, `plan.pause`, ...: the audit record's action. */
  readonly action: string;
  readonly reason: string;
  readonly transport: string;
  readonly outcome?: PlanOutcome | null;
  /** Other fields of the header that change with it. */
  readonly change?: Partial<Omit<Plan, 'id' | 'status' | 'revision' | 'digest' | 'outcome'>>;
  readonly details?: Readonly<Record<string, string>>;
}

/** The changed header and the records that must be committed together with it. */
export interface PlanTransitionWrite {
  readonly plan: Plan;
  readonly audit: AuditDraft;
  readonly event: MeshEventDraft;
}

/** Moves a plan along a legal transition. Problem: PLAN_STATUS, which names the statuses from which it is possible. */
export function transitionPlan(plan: Plan, request: TransitionRequest): Result<PlanTransitionWrite, Problem> {
  if (!mayTransition(plan.status, request.to, request.by)) return err(illegalTransition(plan, request));
  const changed: Plan = {
    ...plan,
    ...request.change,
    status: request.to,
    revision: plan.revision + 1,
    outcome: request.outcome === undefined ? plan.outcome : request.outcome,
  };
  const subject = `plan/${plan.id}`;
  return ok({
    plan: changed,
    audit: {
      at: request.at,
      actor: request.principal,
      action: request.action,
      cluster: plan.cluster,
      namespace: plan.namespace,
      subject,
      reason: request.reason,
      changeTicket: changed.changeTicket,
      transport: request.transport,
      outcome: request.outcome?.code ?? 'ok',
      before: plan.snapshotDigest,
      after: changed.afterSnapshotDigest,
      details: { from: plan.status, to: request.to, digest: plan.digest, ...request.details },
    },
    event: {
      at: request.at,
      type: 'planStatusChanged',
      cluster: plan.cluster,
      namespace: plan.namespace,
      subject,
      data: {
        from: plan.status,
        to: request.to,
        revision: changed.revision,
        code: request.outcome?.code ?? null,
        message: request.outcome?.message ?? null,
      },
    },
  });
}

function illegalTransition(plan: Plan, request: TransitionRequest): Problem {
  const from = planTransitions
    .filter((each) => each.to === request.to && each.by.includes(request.by))
    .map((each) => each.from);
  return {
    code: 'PLAN_STATUS',
    message: `plan ${plan.id} is ${plan.status} and cannot become ${request.to}`,
    field: 'status',
    value: plan.status,
    limit: from.join(', '),
    subject: `plan/${plan.id}`,
    remedy: `A plan becomes ${request.to} from: ${from.join(', ') || 'no status, for this actor'}.`,
  };
}
