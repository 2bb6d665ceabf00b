import type { Constraint } from './constraint.ts';
import { extensionsOf } from './extension.ts';
import type { LoadFactors } from './load-factors.ts';
import type { PlacementState } from './placement-state.ts';
import type { ObjectiveTerm } from './term.ts';
import { createBalance } from './terms/balance.ts';
import { createLeadership } from './terms/leadership.ts';
import { createOverTarget } from './terms/over-target.ts';

/** The terms of the objective below violations and vacating. */
export function buildTerms(state: PlacementState, factors: LoadFactors): readonly ObjectiveTerm[] {
  const extensions = extensionsOf(state.problem);
  const terms = extensions.some((extension) => extension.replacesTerms)
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
  /** [violation amount, replicas to vacate, load above target, imbalance]; the price of the moves comes fifth. */
  readonly levels: readonly number[];
}

/** Measures a state from scratch: O(replicas + nodes × dimensions). */
export function measureStanding(
  state: PlacementState,
  constraints: readonly Constraint[],
  factors: LoadFactors,
): Standing {
  let amount = 0;
  let subjects = 0;
  for (const constraint of constraints) {
    const found = constraint.measure();
    amount += found.amount;
    subjects += found.subjects;
  }
  const { vacate } = state.problem.nodes;
  const toVacate = state.count.reduce((sum, count, node) => sum + (vacate[node] === 1 ? count : 0), 0);
  const level = { excess: 0, balance: 0 };
  for (const term of buildTerms(state, factors)) level[term.level] += term.value();
  return {
    violations: subjects,
    toVacate,
    levels: [amount, toVacate, level.excess, Math.max(0, level.balance)],
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
