import type { Result } from '../../base/result.ts';
import type { Explanation, ExplanationRequest } from '../../domain/explanation.ts';
import type { PlanningRequest, PlanningResult } from '../../domain/planning.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Problem } from '../../domain/problem.ts';

/** What the planner is asked. */
export type PlannerTask =
  | { readonly kind: 'plan'; readonly request: PlanningRequest }
  | { readonly kind: 'explain'; readonly request: ExplanationRequest };

/** The policy that a task speaks of. */
export function policyOf(task: PlannerTask): Policy {
  return task.kind === 'plan' ? task.request.policy : task.request.planning.policy;
}

/** What it answers: a plan to a request for one, an explanation to a question. */
export type PlannerAnswer = Result<PlanningResult | Explanation, readonly Problem[]>;
