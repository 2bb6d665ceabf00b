import type { Result } from '../../base/result.ts';
import type { ExtensionParameters, KnownExtension } from '../../domain/extension-parameter.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ConformanceReport } from '../../planning/conformance/conformance-report.ts';
import type { PlannerAnswer } from './planner-task.ts';
import type { SentTask } from './sent-task.ts';

/** To the worker: compute this. */
export interface PlanOrder {
  readonly kind: 'compute';
  readonly id: number;
  readonly sent: SentTask;
  /** Absolute paths of planner modules, loaded when the policy names an extension. */
  readonly modules: readonly string[];
  /** Where the worker writes which extension runs (`extension-pulse.ts`); absent when the policy names none. */
  readonly pulse?: SharedArrayBuffer;
  /** Milliseconds from now until the search ends; infinite when only evaluations end it. */
  readonly searchMs: number;
}

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
