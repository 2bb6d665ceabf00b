import { err, ok, type Result } from '../base/result.ts';
import type { GuardrailCode } from '../domain/error-codes.ts';
import { type ExplanationRequest, type ExplanationSubject, maxExplained } from '../domain/explanation.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { Plan, PlanContent } from '../domain/plan.ts';
import type { RequestedMove } from '../domain/planning.ts';
import type { Policy } from '../domain/policy.ts';
import { effectivePolicy } from '../domain/policy-merge.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Store } from '../ports/store.ts';
import { findUnit } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { longestMemory } from './namespace-world.ts';
import { kindOfNeed } from './plan-kind.ts';
import { readPlan, snapshotByDigest } from './plan-queries.ts';
import { planningBudget } from './planning-budget.ts';
import { planningRequest } from './planning-request.ts';
import { type Problems, someProblems } from './problems.ts';
import type { CommandResult, PlanExplanation } from './rebalancer.ts';
import { warmStartOf } from './warm-start.ts';

/**
 * Why a stored plan does what it does, on the snapshot that it was made from, under the policy and with the cooldowns of
 * that moment. Problems: PLAN_NOT_FOUND, SHARD_NOT_FOUND, NODE_NOT_FOUND, SNAPSHOT_NOT_FOUND (that of a dry run that has
 * expired), POLICY_NOT_FOUND, FIELD_INVALID for the limit, and those of scoring and of the planner.
 */
export async function explainPlan(
  deps: CommandDeps,
  id: string,
  subject: ExplanationSubject,
  limit: number,
): Promise<CommandResult<PlanExplanation>> {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxExplained) return err([wrongLimit(limit)]);
  const stored = await readPlan(deps.store, id);
  if (!stored.ok) return stored;
  const { plan, content } = stored.value;
  const unit = findUnit(deps, plan.namespace);
  if (!unit.ok) return unit;
  const snapshot = await snapshotByDigest(deps, plan.snapshotDigest);
  if (!snapshot.ok) return snapshot;
  const policy = await policyAt(deps.store, plan);
  if (!policy.ok) return policy;
  const scores = unit.value.world.score(snapshot.value, policy.value);
  if (!scores.ok) return scores;
  const since = plan.createdAt - longestMemory(policy.value);
  const traces = await deps.store.moveTraces(plan.cluster, plan.namespace, since);
  const request = explanationRequest({
    plan,
    content,
    snapshot: snapshot.value,
    policy: policy.value,
    distress: scores.value.distress,
    moveTraces: traces.filter((trace) => trace.at <= plan.createdAt),
    warmStart: await warmStartOf(deps.store, plan),
    subject,
    limit,
  });
  const explanation = await deps.planner.explain(request, deps.stopping);
  if (explanation.ok) return ok({ plan, explanation: explanation.value });
  return err(someProblems(explanation.error, 'the planner gave no explanation'));
}

function wrongLimit(limit: number) {
  return {
    code: 'FIELD_INVALID' as const,
    message: `${limit} destinations or moves cannot be named`,
    field: 'limit',
    value: String(limit),
    limit: `1 to ${maxExplained}`,
  };
}

/** A plan with what it was computed from, as far as that is known. */
export interface ExplainedPlan {
  readonly plan: Plan;
  readonly content: PlanContent;
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly distress: Float64Array;
  /** Oldest first. */
  readonly moveTraces: readonly MoveTrace[];
  /** What the search began with. */
  readonly warmStart: readonly RequestedMove[];
  readonly subject: ExplanationSubject;
  readonly limit: number;
}

/** The question in the planner's terms: its request is the one by which the plan was made. */
export function explanationRequest(explained: ExplainedPlan): ExplanationRequest {
  const { plan, content, snapshot, policy, distress, moveTraces, warmStart, subject, limit } = explained;
  const overridden: ReadonlySet<GuardrailCode> = new Set(plan.overrides.map((each) => each.code));
  const asked = plan.kind === 'manual' || plan.kind === 'rollback';
  const { request } = planningRequest({
    snapshot,
    policy,
    distress,
    moveTraces,
    kind: asked ? plan.kind : kindOfNeed(snapshot),
    task: asked ? { kind: 'fixed', moves: content.moves } : { kind: 'improve' },
    seed: plan.seed,
    budget: {
      ...planningBudget(policy.budget, undefined, overridden, snapshot),
      ...plan.budget,
    },
    overridden,
    now: plan.createdAt,
    warmStart,
  });
  return { planning: request, moves: content.moves, obstacles: content.obstacles, subject, limit };
}

/**
 * The effective policy in the revision that a plan names: the sum of the cluster's and the namespace's, so that it counts
 * what had been applied by then, in the order of time.
 */
async function policyAt(
  store: Store,
  { cluster, namespace, policyRevision }: Plan,
): Promise<Result<Policy, Problems>> {
  const ofCluster = await store.policyRevisions(cluster, '');
  const own = await store.policyRevisions(cluster, namespace);
  const applied = [...ofCluster, ...own]
    .sort((left, right) => left.appliedAt - right.appliedAt || left.revision - right.revision)
    .slice(0, policyRevision);
  if (applied.length < policyRevision) {
    const message = `revision ${policyRevision} of the policy of ${namespace} is not there any more`;
    return err([
      { code: 'POLICY_NOT_FOUND', message, value: policyRevision, subject: `namespace/${namespace}` },
    ]);
  }
  const newest = (place: string) => applied.findLast((each) => each.namespace === place)?.overlay;
  return ok(effectivePolicy(cluster, namespace, newest(''), newest(namespace), policyRevision));
}
