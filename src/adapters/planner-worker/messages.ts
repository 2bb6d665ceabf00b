import type { Result } from '../../base/result.ts';
import type { Explanation, ExplanationRequest } from '../../domain/explanation.ts';
import type { ExtensionParameters, KnownExtension } from '../../domain/extension-parameter.ts';
import type { PlanningRequest, PlanningResult } from '../../domain/planning.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConformanceReport } from '../../planning/conformance/conformance-report.ts';

/** To the worker: compute this. Typed arrays are copied on the way, so the caller keeps its own. */
export type PlanOrder = PlannerTask & {
  readonly id: number;
  /** Absolute paths of planner modules, loaded when the policy names an extension. */
  readonly modules: readonly string[];
  /** Where the worker writes which extension runs (`extension-pulse.ts`); absent when the policy names none. */
  readonly pulse?: SharedArrayBuffer;
  /** Whether the search ends after the policy's `maxSearchMs`. */
  readonly isTimed: boolean;
};

/** What the planner is asked. */
export type PlannerTask =
  | { readonly kind: 'plan'; readonly request: PlanningRequest }
  | { readonly kind: 'explain'; readonly request: ExplanationRequest };

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
