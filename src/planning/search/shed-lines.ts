import { capacityLimits } from '../constraints/capacity.ts';
import type { LoadFactors } from '../load-factors.ts';
import type { PlacementState } from '../placement-state.ts';
import type { PlanningProblem } from '../problem.ts';

/** What a node gives from, down to, and is filled up to; nodes × dimensions. */
export interface ShedLines {
  /** Load down to which a hot node gives, and up to which others are filled. */
  readonly goal: Float64Array;
  /** Load above which a node goes on giving, once it has begun. */
  readonly trigger: Float64Array;
  /** Load above which a node begins to give. */
  readonly begin: Float64Array;
  /** Per dimension: less room than this on a node is none. */
  readonly least: Float64Array;
}

/**
 * A node that gives goes down to the line; one that is above it by less than this share of the tolerance does not begin:
 * otherwise every swing of a node that stands at the line would cost a move.
 */
export const restShare = 0.5;

/** Utilisation over the mean up to which a node is left alone. */
export function restHeat(factors: LoadFactors): number {
  return 1 + factors.tolerance * (1 + restShare);
}

/** A node with less room than this share of a mean replica is full. */
const leastShare = 1 / 8;

export interface LineOptions {
  /** Whether a node's target is a line too. */
  readonly heedsTarget: boolean;
  /** Whether others are filled up to the trigger rather than to the line. */
  readonly fillsUp: boolean;
  /** Utilisation over the mean above which a node begins to give. */
  readonly beginHeat: number;
}

/** Lines of the planner's own objective: fair shares, targets and limits, whichever is lowest. */
export function balanceLines(state: PlacementState, factors: LoadFactors, options: LineOptions): ShedLines {
  const { problem } = state;
  const { nodes } = problem;
  const limits = capacityLimits(state);
  const rest = restHeat(factors) / (1 + factors.tolerance);
  const start = options.beginHeat / (1 + factors.tolerance);
  const begin = new Float64Array(factors.line.length);
  const goal = new Float64Array(factors.line.length);
  const trigger = new Float64Array(factors.line.length);
  for (let at = 0; at < goal.length; at++) {
    const bound = options.heedsTarget ? Math.min(limits[at], nodes.target[at]) : limits[at];
    begin[at] = Math.min(factors.line[at] * start, bound);
    trigger[at] = Math.min(factors.line[at] * rest, bound);
    goal[at] = options.fillsUp ? trigger[at] : Math.min(factors.line[at], bound);
  }
  return { goal, trigger, begin, least: leastRoom(problem, factors) };
}

/** Lines of a ceiling of utilisation over the mean, below targets and limits for who takes. */
export function ceilingLines(state: PlacementState, factors: LoadFactors, ceiling: number): ShedLines {
  const { problem } = state;
  const { width, nodes } = problem;
  const limits = capacityLimits(state);
  const goal = new Float64Array(limits.length);
  const trigger = new Float64Array(limits.length);
  for (let at = 0; at < goal.length; at++) {
    const load = ceiling * factors.meanUtilization[at % width] * nodes.effective[at];
    // What is outside the balance is nobody's peak.
    trigger[at] = factors.balance[at] > 0 ? load : Number.POSITIVE_INFINITY;
    goal[at] = Math.min(trigger[at], limits[at], nodes.target[at]);
  }
  return { goal, trigger, begin: trigger, least: leastRoom(problem, factors) };
}

function leastRoom({ totals, replicaCount }: PlanningProblem, factors: LoadFactors): Float64Array {
  return totals.map((total, d) =>
    factors.weights[d] > 0 ? (leastShare * total) / Math.max(1, replicaCount) : 0,
  );
}
