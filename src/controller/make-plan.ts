import { err, ok, type Result } from '../base/result.ts';
import type { GuardrailCode } from '../domain/error-codes.ts';
import type { Plan, PlanContent, PlanProgress, PlanSummary } from '../domain/plan.ts';
import { digestPlan } from '../domain/plan-digest.ts';
import type { PlanningResult, PlanningTask } from '../domain/planning.ts';
import type { BudgetPolicy, PlanKind } from '../domain/policy.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { GuardrailOverride, Verdict } from '../domain/verdict.ts';
import { judgePlan } from '../guardrails/judge-plan.ts';
import type { CommitBatch } from '../ports/store.ts';
import { approvalRequirement } from './approval-requirement.ts';
import type { CoreDeps } from './core-deps.ts';
import type { Frozen } from './frozen.ts';
import type { WorldView } from './namespace-world.ts';
import { readPlanHistory } from './plan-history.ts';
import { writeOfNewPlan } from './plan-records.ts';
import { planningBudget } from './planning-budget.ts';
import { planningRequest } from './planning-request.ts';
import { type Problems, someProblems } from './problems.ts';
import type { CreatePlanRequest } from './rebalancer.ts';
import { nextWarmStart, type WarmStart } from './warm-start.ts';

/** What to plan, for whom and why. */
export interface PlanOrder {
  readonly kind: PlanKind;
  readonly task: PlanningTask;
  /** `peakToMean`, `nodeMustBeVacated`, `manual`, `schedule`, `rollback`. */
  readonly trigger: string;
  readonly seed: number;
  readonly budget?: CreatePlanRequest['budget'];
  readonly overrides: readonly GuardrailOverride[];
  readonly dryRun: boolean;
  readonly author: CommandContext;
  readonly rollbackOf: string;
  /** Whether the search looks away from what the last plan left: for fleets that are only supposed. */
  readonly isCold?: boolean;
  /** What the search begins with, in place of what the last plan left. */
  readonly warm?: WarmStart;
}

/** A plan that is not yet stored. */
export interface MadePlan {
  readonly plan: Plan;
  readonly content: PlanContent;
  /** All of the guardrails' answers; also in the plan. */
  readonly verdicts: readonly Verdict[];
  /** What recent moves kept the search from touching. */
  readonly frozen: Frozen;
  /** What stores the plan, with its audit record and event. */
  readonly batch: CommitBatch;
}

/** How long a dry run is kept before it expires. */
export const draftRetentionMs = 7 * 86_400_000;

/**
 * Computes a plan and judges it, and stores nothing. Whether verdicts that block or a plan without moves are a
 * refusal is for the caller to say. Problems: the planner's (PLACEMENT_INFEASIBLE, POLICY_*_UNKNOWN, ...).
 */
export async function makePlan(
  core: CoreDeps,
  view: WorldView,
  order: PlanOrder,
): Promise<Result<MadePlan, Problems>> {
  const overridden: ReadonlySet<GuardrailCode> = new Set(order.overrides.map((each) => each.code));
  const { snapshot, policy } = view;
  const budget = planningBudget(policy.budget, order.budget, overridden, snapshot);
  const now = core.clock.now();
  const isWarm = order.task.kind === 'improve' && !order.isCold && !order.warm;
  const last = isWarm ? await nextWarmStart(core.store, core.cluster, snapshot.namespace, now) : undefined;
  const warm = order.warm ?? last;
  const { request, frozen } = planningRequest({
    snapshot,
    policy,
    distress: view.scores.distress,
    moveTraces: view.moveTraces,
    kind: order.kind,
    task: order.task,
    seed: order.seed,
    budget,
    overridden,
    now,
    warmStart: warm?.moves ?? [],
  });
  const planned = await core.planner.plan(request, core.stopping);
  if (!planned.ok) return err(someProblems(planned.error, 'the planner gave no plan and no reason'));
  const kind = kindOfResult(order.kind, planned.value.summary);
  const history = await readPlanHistory(core.store, core.cluster, snapshot.namespace);
  const verdicts = judgePlan({
    phase: 'create',
    now: core.clock.now(),
    snapshot,
    policy,
    kind,
    moves: planned.value.moves,
    summary: planned.value.summary,
    changeTicket: order.author.changeTicket,
    incidents: view.incidents,
    moveTraces: view.moveTraces,
    ...history,
    overrides: order.overrides,
  });
  const basis = { ...order, kind, budget, warm, createdAt: now };
  return ok({ ...assemble(core, view, basis, planned.value, verdicts), frozen });
}

/** A plan that vacates nothing has no claim to what drains and restores may do, whatever it was made for. */
function kindOfResult(asked: PlanKind, summary: PlanSummary): PlanKind {
  const vacates = summary.toVacateAfter < summary.toVacateBefore;
  return (asked === 'drain' || asked === 'restore') && !vacates ? 'rebalance' : asked;
}

/** The order as it was carried out. */
type PlanBasis = Omit<PlanOrder, 'budget'> & {
  readonly budget: BudgetPolicy;
  readonly warm: WarmStart | undefined;
  /** When the request was put together: what explains the plan rebuilds the request as of then. */
  readonly createdAt: number;
};

function assemble(
  core: CoreDeps,
  view: WorldView,
  order: PlanBasis,
  result: PlanningResult,
  verdicts: readonly Verdict[],
): Omit<MadePlan, 'frozen'> {
  const { snapshot, policy } = view;
  const now = order.createdAt;
  const bound = {
    cluster: core.cluster,
    namespace: snapshot.namespace,
    kind: order.kind,
    policyRevision: policy.revision,
    snapshotDigest: snapshot.digest,
  };
  const { maxMoves, maxBytes, maxShareOfShards } = order.budget;
  const content: PlanContent = { moves: result.moves, obstacles: result.obstacles };
  const plan: Plan = {
    ...bound,
    id: core.newId(),
    status: order.dryRun ? 'draft' : 'pendingApproval',
    revision: 1,
    digest: digestPlan({ ...bound, moves: result.moves }),
    afterSnapshotDigest: '',
    seed: order.seed,
    createdAt: now,
    createdBy: order.author.principal.id,
    reason: order.author.reason,
    changeTicket: order.author.changeTicket,
    budget: { maxMoves, maxBytes, maxShareOfShards },
    trigger: order.trigger,
    summary: result.summary,
    verdicts,
    overrides: order.overrides,
    approval: approvalRequirement(policy, order.kind, result.summary),
    approvals: [],
    expiresAt: now + (order.dryRun ? draftRetentionMs : policy.approvals.expiresAfterMs),
    rollbackOf: order.rollbackOf,
    rolledBackBy: '',
    supersededBy: '',
    warmStartedFrom: order.warm?.planId ?? '',
    startedAt: 0,
    endedAt: 0,
    progress: nothingDone(result.moves.length),
    outcome: null,
  };
  return { plan, content, verdicts, batch: writeOfNewPlan(plan, content, snapshot, order.author.transport) };
}

function nothingDone(pending: number): PlanProgress {
  const none = { running: 0, done: 0, failed: 0, aborted: 0, skipped: 0, unknown: 0, bytesDone: 0 };
  return { pending, ...none, remaining: null };
}
