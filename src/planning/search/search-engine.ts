import { buildConstraints } from '../build-constraints.ts';
import { buildTerms } from '../build-objective.ts';
import type { Change } from '../change.ts';
import type { Constraint } from '../constraint.ts';
import type { LoadFactors } from '../load-factors.ts';
import { createMovePrices, type MovePrices } from '../move-price.ts';
import type { PlacementState } from '../placement-state.ts';
import { createPlanBudget, type PlanBudget } from '../plan-budget.ts';
import type { ObjectiveTerm } from '../term.ts';

/** Differences below this are rounding, in mean nodes. */
export const negligible = 1e-9;

/** How often the wall clock is asked, in evaluations; a power of two. */
const stopInterval = 1_024;

/** Change of each level of the objective by the candidate that was looked at last; negative is better. */
export interface Deltas {
  violations: number;
  vacate: number;
  excess: number;
  balance: number;
}

/** What every neighbourhood of the search works with. */
export interface SearchEngine {
  readonly state: PlacementState;
  readonly constraints: readonly Constraint[];
  readonly terms: readonly ObjectiveTerm[];
  readonly factors: LoadFactors;
  readonly budget: PlanBudget;
  readonly prices: MovePrices;
  readonly deltas: Deltas;
  readonly evaluations: number;
  /** Whether the wall clock ended the search, so that another run may answer otherwise. */
  readonly stoppedByClock: boolean;
  /** Whether the search has looked at all the candidates that it may, or has used all its time. */
  isCutShort(): boolean;
  /** Evaluates the terms; answers how much the change is worth by its loads alone (larger is better). */
  score(change: Change): number;
  /** Whether the constraints and the budget let it; sets `deltas.violations`. */
  admits(change: Change): boolean;
  /** Whether the last evaluated change, if admitted, is better lexicographically and worth its price. */
  isWorthwhile(change: Change): boolean;
  /** Applies the change if it is worth its price and every rule lets it; answers whether. */
  accepts(change: Change): boolean;
  apply(change: Change): void;
  /**
   * From now on nothing but what repairs, vacates or takes load off targets may make a node hotter than this utilisation
   * over the mean: the peak ranks before the balance.
   */
  limitHeat(heat: number): void;
  /** Whether the change would make a node hotter than that. */
  isTooHot(change: Change): boolean;
  /** Counts candidates that were compared without `score`. */
  spend(candidates: number): void;
  /** Whether evaluations, time, or the plan's moves or shards are used up. */
  isSpent(): boolean;
}

/** Load above target ranks before balance; the factor only ranks candidates, acceptance compares level by level. */
const excessRank = 1_000;

export function createSearchEngine(
  state: PlacementState,
  factors: LoadFactors,
  shouldStop: () => boolean,
): SearchEngine {
  const { problem } = state;
  const { policy } = problem.request;
  const constraints = buildConstraints(state, false);
  const terms = buildTerms(state, factors);
  const budget = createPlanBudget(state);
  const prices = createMovePrices(state);
  const { vacate } = problem.nodes;
  const deltas: Deltas = { violations: 0, vacate: 0, excess: 0, balance: 0 };
  let evaluations = 0;
  let stoppedByClock = false;
  /** nodes × dimensions: the load above which a node is hotter than the limit; null without one. */
  let hottestLoads: Float64Array | null = null;

  function limitHeat(heat: number): void {
    const { width, nodes } = problem;
    hottestLoads ??= new Float64Array(factors.balance.length);
    for (let at = 0, d = 0; at < hottestLoads.length; at++, d = d + 1 === width ? 0 : d + 1) {
      const fair = nodes.effective[at] * factors.meanUtilization[d];
      // Only what is in the balance has a factor.
      hottestLoads[at] =
        factors.balance[at] === 0 ? Number.POSITIVE_INFINITY : heat * fair * (1 + negligible);
    }
  }

  function isTooHot({ from, to, loads, offset }: Change): boolean {
    if (hottestLoads === null) return false;
    const { width } = problem;
    for (let d = 0; d < width; d++) {
      const amount = loads[offset + d];
      const at = (amount > 0 ? to : from) * width + d;
      if (amount !== 0 && state.load[at] + Math.abs(amount) > hottestLoads[at]) return true;
    }
    return false;
  }

  const isCutShort = (): boolean => stoppedByClock || evaluations >= policy.budget.maxEvaluations;

  const isSpent = (): boolean => isCutShort() || budget.isFull();

  function score(change: Change): number {
    evaluations += 1;
    if ((evaluations & (stopInterval - 1)) === 0 && shouldStop()) stoppedByClock = true;
    deltas.violations = 0;
    deltas.vacate = change.kind === 'relocate' ? vacate[change.to] - vacate[change.from] : 0;
    deltas.excess = 0;
    deltas.balance = 0;
    for (let at = 0; at < terms.length; at++) deltas[terms[at].level] += terms[at].delta(change);
    return -(deltas.excess * excessRank + deltas.balance);
  }

  function admits(change: Change): boolean {
    let total = 0;
    for (let at = 0; at < constraints.length; at++) {
      const constraint = constraints[at];
      if (change.kind === 'swap' && constraint.kind !== 'load') continue;
      const delta = constraint.delta(change);
      if (delta === Number.POSITIVE_INFINITY) return false;
      total += delta;
    }
    deltas.violations = total;
    return change.kind === 'swap' || budget.refuses(change) === null;
  }

  function isWorthwhile(change: Change): boolean {
    if (deltas.violations > negligible) return false;
    if (deltas.violations < -negligible || deltas.vacate < 0) return true;
    if (deltas.vacate > 0 || deltas.excess > negligible) return false;
    const worth = gainOf(deltas);
    if (worth <= negligible || worth < policy.benefit.minGainPerPrice * prices.of(change)) return false;
    return deltas.excess < -negligible || !isTooHot(change);
  }

  return {
    state,
    constraints,
    terms,
    factors,
    budget,
    prices,
    deltas,
    get evaluations() {
      return evaluations;
    },
    get stoppedByClock() {
      return stoppedByClock;
    },
    score,
    admits,
    isWorthwhile,
    accepts(change) {
      score(change);
      // Constraints cost more than terms: asked only when the change is worth it.
      if (!isWorthwhile(change) || !admits(change) || !isWorthwhile(change)) return false;
      state.apply(change);
      return true;
    },
    apply: (change) => state.apply(change),
    limitHeat,
    isTooHot,
    spend(candidates) {
      const before = evaluations;
      evaluations += candidates;
      if ((before & -stopInterval) !== (evaluations & -stopInterval) && shouldStop()) stoppedByClock = true;
    },
    isCutShort,
    isSpent,
  };
}

/**
 * One number for what a change is worth: the improvement of the most important level that it changes, and what it
 * improves below that. Violations count as such, a replica off a node that must be vacated as 1.
 */
export function gainOf(deltas: Deltas): number {
  const { violations, vacate, excess, balance } = deltas;
  const below = Math.max(0, -balance);
  if (Math.abs(violations) > negligible)
    return -violations + Math.max(0, -vacate) + Math.max(0, -excess) + below;
  if (vacate !== 0) return -vacate + Math.max(0, -excess) + below;
  return Math.abs(excess) > negligible ? -excess + below : -balance;
}
