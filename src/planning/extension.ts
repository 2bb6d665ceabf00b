import type { Constraint } from './constraint.ts';
import type { LoadFactors } from './load-factors.ts';
import type { PlacementState } from './placement-state.ts';
import type { PlanningProblem } from './problem.ts';
import type { ObjectiveTerm } from './term.ts';

/**
 * Rules and terms that somebody adds to the planner's own, through the same interfaces. Built anew for every state; what
 * they count follows the state through `hold` and `settle`, as the built-in ones do.
 */
export interface PlannerExtension {
  readonly name: string;
  constraints?(state: PlacementState): readonly Constraint[];
  terms?(state: PlacementState, factors: LoadFactors): readonly ObjectiveTerm[];
  /** True when its terms stand in place of the planner's own levels `excess` and `balance`. */
  readonly replacesTerms?: boolean;
}

/** The extensions that the problem was built with. */
export function extensionsOf(problem: PlanningProblem): readonly PlannerExtension[] {
  return problem.extensions as readonly PlannerExtension[];
}

/** Whether terms of an extension stand in place of the planner's own. */
export function replacesTerms(problem: PlanningProblem): boolean {
  return extensionsOf(problem).some((extension) => extension.replacesTerms === true);
}
