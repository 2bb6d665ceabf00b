import type { Result } from '../base/result.ts';
import type { PlanningRequest, PlanningResult } from '../domain/planning.ts';
import type { Problem } from '../domain/problem.ts';

/** Runs the planner away from the service's event loop. Problems: PLACEMENT_INFEASIBLE, POLICY_*_UNKNOWN, ... */
export interface Planner {
  plan(request: PlanningRequest, signal: AbortSignal): Promise<Result<PlanningResult, readonly Problem[]>>;
  close(): Promise<void>;
}
