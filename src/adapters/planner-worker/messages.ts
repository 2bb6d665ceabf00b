import type { Result } from '../../base/result.ts';
import type { PlanningRequest, PlanningResult } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';

/** To the worker: compute this. Typed arrays are copied on the way, so the caller keeps its own. */
export interface PlanOrder {
  readonly id: number;
  readonly request: PlanningRequest;
}

/** From the worker. */
export type PlanReply =
  | {
      readonly id: number;
      readonly kind: 'answer';
      readonly answer: Result<PlanningResult, readonly Problem[]>;
    }
  | { readonly id: number; readonly kind: 'crash'; readonly message: string };
