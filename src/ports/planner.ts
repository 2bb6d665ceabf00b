import type { Result } from '../base/result.ts';
import type { Explanation, ExplanationRequest } from '../domain/explanation.ts';
import type { PlanningRequest, PlanningResult } from '../domain/planning.ts';
import type { Problem } from '../domain/problem.ts';

/** Runs the planner away from the service's event loop. */
export interface Planner {
  /** Problems: PLACEMENT_INFEASIBLE, POLICY_*_UNKNOWN, ... */
  plan(request: PlanningRequest, signal: AbortSignal): Promise<Result<PlanningResult, readonly Problem[]>>;
  /** Why a plan moves or leaves something. Problems: SHARD_NOT_FOUND, NODE_NOT_FOUND, PLAN_DRIFTED, POLICY_*_UNKNOWN. */
  explain(request: ExplanationRequest, signal: AbortSignal): Promise<Result<Explanation, readonly Problem[]>>;
  close(): Promise<void>;
}
