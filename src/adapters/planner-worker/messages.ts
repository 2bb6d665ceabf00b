import type { Result } from '../../base/result.ts';
import type { Explanation, ExplanationRequest } from '../../domain/explanation.ts';
import type { PlanningRequest, PlanningResult } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';

/** To the worker: compute this. Typed arrays are copied on the way, so the caller keeps its own. */
export type PlanOrder = { readonly id: number } & PlannerTask;

/** What the planner is asked. */
export type PlannerTask =
  | { readonly kind: 'plan'; readonly request: PlanningRequest }
  | { readonly kind: 'explain'; readonly request: ExplanationRequest };

/** What it answers: a plan to a request for one, an explanation to a question. */
export type PlannerAnswer = Result<PlanningResult | Explanation, readonly Problem[]>;

/** From the worker. */
export type PlanReply =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: PlannerAnswer }
  | { readonly id: number; readonly kind: 'crash'; readonly message: string };
