import type { Result } from '../../base/result.ts';
import type { Explanation, ExplanationRequest } from '../../domain/explanation.ts';
import type { ExtensionParameters, KnownExtension } from '../../domain/extension-parameter.ts';
import type { PlanningRequest, PlanningResult } from '../../domain/planning.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConformanceReport } from '../../planning/conformance/conformance-report.ts';

/** To the worker: compute this. Typed arrays are copied on the way, unless they lie in memory that threads share. */
export type PlanOrder = PlannerTask & {
  readonly id: number;
  /** Absolute paths of planner modules, loaded when the policy names an extension. */
  readonly modules: readonly string[];
  /** Where the worker writes which extension runs (`extension-pulse.ts`); absent when the policy names none. */
  readonly pulse?: SharedArrayBuffer;
  /** Milliseconds from now until the search ends; infinite when only evaluations end it. */
  readonly searchMs: number;
};

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

/** To the worker: load these modules and hold their extensions to the contract. */
export interface CheckOrder {
  readonly kind: 'check';
  readonly id: number;
  readonly modules: readonly string[];
  readonly states: number;
  readonly seed: number;
  readonly parameters: ExtensionParameters;
}

export type WorkerOrder = PlanOrder | CheckOrder;

/** An extension and how it did. */
export interface CheckedExtension {
  readonly extension: KnownExtension;
  readonly report: ConformanceReport;
}

/** From the worker. */
export type WorkerReply =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: PlannerAnswer }
  | {
      readonly id: number;
      readonly kind: 'checked';
      readonly checked: Result<readonly CheckedExtension[], readonly Problem[]>;
    }
  | { readonly id: number; readonly kind: 'crash'; readonly message: string };
