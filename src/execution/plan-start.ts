import type { Plan, PlanContent, PlanOutcome } from '../domain/plan.ts';
import { digestPlan } from '../domain/plan-digest.ts';
import type { PlanStatus } from '../domain/plan-status.ts';
import { hasEnded } from '../domain/plan-status.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import type { Verdict } from '../domain/verdict.ts';
import { judgePlan } from '../guardrails/judge-plan.ts';
import { verdictEvent } from './execution-records.ts';
import { finalChange } from './plan-end.ts';
import { idleIntervalMs } from './plan-ending.ts';
import type { PlanRun } from './plan-run.ts';
import { isFinal } from './start-decision.ts';

/** Ended plans that are looked through for the newest end: plans of a namespace run one after the other. */
const recentPlans = 20;

/** Whether what is stored under the plan's digest is what was approved. */
export function contentMatches(plan: Plan, content: PlanContent | undefined): content is PlanContent {
  if (!content) return false;
  const { cluster, namespace, kind, policyRevision, snapshotDigest } = plan;
  return (
    digestPlan({ cluster, namespace, kind, policyRevision, snapshotDigest, moves: content.moves }) ===
    plan.digest
  );
}

export function digestMismatch(plan: Plan): PlanOutcome {
  return {
    code: 'PLAN_DIGEST_MISMATCH',
    message: `what is stored of plan ${plan.id} does not have the digest ${plan.digest} that was approved`,
    remedy: 'Nothing was moved. Make a new plan, and find out who changed the data.',
  };
}

/**
 * Takes an approved plan to executing as soon as the guardrails let it. True when it executes; false when it ended, was
 * ended by somebody else, or the service stops.
 */
export async function startPlan(run: PlanRun): Promise<boolean> {
  const { clock } = run.deps;
  for (;;) {
    if (run.stopping()) return false;
    const plan = await run.log.reload();
    if (plan.status !== 'approved') return plan.status === 'executing';
    const now = clock.now();
    const verdicts = await judge(run, plan, now);
    const holding = verdicts?.filter((verdict) => verdict.decision !== 'allow') ?? [];
    if (verdicts && holding.length === 0) {
      return change(run, 'executing', null, { startedAt: now });
    }
    const final = holding.find((verdict) => {
      const destination = verdict.subject.replace('node/', '');
      return verdict.decision === 'block' && isFinal(verdict, destination, run.deps.world.snapshot());
    });
    if (final) {
      const { code, message, remedy } = final;
      await change(run, 'failed', { code, message, remedy }, finalChange(run, now));
      return false;
    }
    if (now >= plan.expiresAt && plan.expiresAt > 0) {
      await change(run, 'expired', expired(plan, holding[0]), finalChange(run, now));
      return false;
    }
    for (const verdict of holding) {
      if (!run.notices.isNews(verdict, now)) continue;
      await run.log.emit([verdictEvent(plan, '', verdict, now)]);
    }
    await run.bell.wait(idleIntervalMs);
  }
}

/** Undefined while there is no snapshot to judge by. */
async function judge(run: PlanRun, plan: Plan, now: number): Promise<readonly Verdict[] | undefined> {
  const { world } = run.deps;
  const snapshot = world.snapshot();
  if (!snapshot) return undefined;
  return judgePlan({
    phase: 'start',
    now,
    snapshot,
    policy: world.policy(),
    kind: plan.kind,
    moves: run.content.moves,
    summary: plan.summary,
    changeTicket: plan.changeTicket,
    incidents: world.incidents(),
    moveTraces: world.moveTraces(),
    overrides: plan.overrides,
    planId: plan.id,
    ...(await lastPlan(run, plan)),
  });
}

async function lastPlan(
  run: PlanRun,
  plan: Plan,
): Promise<{ readonly lastPlanEndedAt: number; readonly lastPlanFailed: boolean }> {
  const { cluster, namespace } = plan;
  const page = await run.deps.store.plans({ cluster, namespace, pageSize: recentPlans });
  let last: Plan | undefined;
  for (const each of page.ok ? page.value.items : []) {
    if (each.id === plan.id || each.startedAt === 0 || !hasEnded(each.status)) continue;
    if (!last || each.endedAt > last.endedAt) last = each;
  }
  return { lastPlanEndedAt: last?.endedAt ?? 0, lastPlanFailed: last?.status === 'failed' };
}

function expired(plan: Plan, verdict: Verdict | undefined): PlanOutcome {
  const why = verdict ? `: ${verdict.message}` : '';
  return {
    code: 'PLAN_EXPIRED',
    message: `plan ${plan.id} could not start in time${why}`,
    remedy: 'Make a new plan.',
  };
}

/** True when the plan has the status now. */
async function change(
  run: PlanRun,
  to: PlanStatus,
  outcome: PlanOutcome | null,
  fields: Partial<Pick<Plan, 'startedAt' | 'endedAt' | 'progress'>>,
): Promise<boolean> {
  const moved = await run.log.transition({
    to,
    by: 'controller',
    principal: controllerPrincipal.id,
    at: run.deps.clock.now(),
    action: to === 'executing' ? 'plan.start' : `plan.${to === 'failed' ? 'fail' : 'expire'}`,
    reason: outcome?.message ?? 'guardrails let the first move start',
    transport: 'internal',
    outcome,
    change: fields,
  });
  if (!moved.ok && moved.error.code !== 'PLAN_STATUS' && moved.error.code !== 'LEASE_LOST') {
    throw new Error(`${moved.error.code}: ${moved.error.message}`);
  }
  return moved.ok;
}
