import type { Constraint } from './constraint.ts';
import { extensionsOf, replacesTerms } from './extension.ts';
import type { LoadFactors } from './load-factors.ts';
import type { PlacementState } from './placement-state.ts';
import type { ObjectiveTerm } from './term.ts';
import { createBalance } from './terms/balance.ts';
import { createLeadership } from './terms/leadership.ts';
import { createOverTarget } from './terms/over-target.ts';
import { measurePeak } from './terms/peak.ts';

/** The terms of the objective below violations and vacating. */
export function buildTerms(state: PlacementState, factors: LoadFactors): readonly ObjectiveTerm[] {
  const extensions = extensionsOf(state.problem);
  const terms = replacesTerms(state.problem)
    ? []
    : [createOverTarget(state, factors), createBalance(state, factors)];
  if (state.problem.request.policy.benefit.leadershipWeight > 0) terms.push(createLeadership(state, factors));
  for (const extension of extensions) terms.push(...(extension.terms?.(state, factors) ?? []));
  for (const term of terms) if (term.hold || term.settle) state.listen(term);
  return terms;
}

/** The fleet's standing: levels in order of importance, smaller is better. */
export interface Standing {
  /** Violated subjects. */
  readonly violations: number;
  /** Replicas on nodes that must be vacated. */
  readonly toVacate: number;
  /** [violation amount, replicas to vacate, load above target, peak, imbalance]; the price of the moves comes sixth. */
  readonly levels: readonly number[];
  /** Constraints with violated subjects: only these can change the first level, since what holds is never broken. */
  readonly violated: readonly Constraint[];
}

/** Measures a state from scratch: O(replicas + nodes × dimensions). */
export function measureStanding(
  state: PlacementState,
  constraints: readonly Constraint[],
  factors: LoadFactors,
): Standing {
  let amount = 0;
  let subjects = 0;
  const violated: Constraint[] = [];
  for (const constraint of constraints) {
    const found = constraint.measure();
    amount += found.amount;
    subjects += found.subjects;
    if (found.subjects > 0) violated.push(constraint);
  }
  const { vacate } = state.problem.nodes;
  let toVacate = 0;
  for (let node = 0; node < vacate.length; node++) if (vacate[node] === 1) toVacate += state.count[node];
  // Where others' terms stand in place of load, how it lies is not part of the objective.
  const peak = replacesTerms(state.problem) ? 0 : measurePeak(state, factors);
  const level = { excess: 0, balance: 0 };
  for (const term of buildTerms(state, factors)) level[term.level] += term.value();
  return {
    violations: subjects,
    toVacate,
    levels: [amount, toVacate, level.excess, peak, Math.max(0, level.balance)],
    violated,
  };
}

/** Relative slack in comparisons of sums of doubles. */
const rounding = 1e-9;

/** Negative when `left` is better, positive when `right` is, 0 when they differ by rounding only. */
export function compareLevels(left: readonly number[], right: readonly number[]): number {
  for (let i = 0; i < left.length; i++) {
    const difference = left[i] - right[i];
    if (Math.abs(difference) > rounding * Math.max(1, Math.abs(left[i]), Math.abs(right[i])))
      return difference;
  }
  return 0;
}
