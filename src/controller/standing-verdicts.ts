import type { GuardrailCode } from '../domain/error-codes.ts';
import type { Plan, PlanSummary } from '../domain/plan.ts';
import type { Verdict } from '../domain/verdict.ts';
import { judgePlan } from '../guardrails/judge-plan.ts';
import type { WorldView } from './namespace-world.ts';
import type { PlanHistory } from './plan-history.ts';
import { kindFor } from './plan-kind.ts';

/** Guardrails that speak of the namespace as it is, not of a plan. */
const standing: ReadonlySet<GuardrailCode> = new Set([
  'GUARDRAIL_COOLDOWN_NAMESPACE',
  'GUARDRAIL_TELEMETRY_STALE',
  'GUARDRAIL_TELEMETRY_INCOMPLETE',
  'GUARDRAIL_INCIDENT',
  'GUARDRAIL_MASS_FAILURE',
  'GUARDRAIL_CHANGE_WINDOW',
  'GUARDRAIL_FREEZE',
]);

/**
 * What stands in the way right now, plain permissions left out: of any plan that would be made for what is seen, or of
 * the given one, whose kind is exempt from some rules and whose overrides count.
 */
export function standingVerdicts(
  view: WorldView,
  history: PlanHistory,
  phase: 'create' | 'start',
  now: number,
  plan?: Pick<Plan, 'kind' | 'overrides'>,
): readonly Verdict[] {
  const verdicts = judgePlan({
    phase,
    now,
    snapshot: view.snapshot,
    policy: view.policy,
    kind: plan?.kind ?? kindFor(view),
    moves: [],
    summary: summaryOfNothing(view),
    changeTicket: '',
    incidents: view.incidents,
    moveTraces: view.moveTraces,
    ...history,
    overrides: plan?.overrides ?? [],
  });
  return verdicts.filter((verdict) => verdict.decision !== 'allow' && standing.has(verdict.code));
}

function summaryOfNothing({ balances }: WorldView): PlanSummary {
  return {
    moves: 0,
    waves: 0,
    bytes: 0,
    shardsTouched: 0,
    shareOfShards: 0,
    before: balances,
    after: balances,
    violationsBefore: 0,
    violationsAfter: 0,
    toVacateBefore: 0,
    toVacateAfter: 0,
    objectiveBefore: [],
    objectiveAfter: [],
    lowerBound: 1,
    lowerBoundWithinBudget: 1,
    lowerBoundBy: 'waterFilling',
    movesLowerBound: 0,
    gap: 0,
    eta: { lowMs: 0, expectedMs: 0, highMs: 0 },
    evaluations: 0,
    deterministic: true,
  };
}
