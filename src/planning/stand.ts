import { buildConstraints } from './build-constraints.ts';
import { measureStanding, type Standing } from './build-objective.ts';
import type { LoadFactors } from './load-factors.ts';
import { createPlacementState, type Placement, type PlacementState } from './placement-state.ts';
import type { PlanningProblem } from './problem.ts';
import { createSearchEngine, type SearchEngine } from './search/search-engine.ts';

/** A state and how the fleet stands in it. */
export interface Stand {
  readonly state: PlacementState;
  readonly standing: Standing;
}

/** With what explains why it is not better. */
export interface EndStand extends Stand {
  readonly engine: SearchEngine;
}

/** Where the snapshot found the fleet; the state is the caller's to change. */
export function standAtStart(problem: PlanningProblem, factors: LoadFactors): Stand {
  const state = createPlacementState(problem);
  const constraints = buildConstraints(state, false);
  return { state, standing: measureStanding(state, constraints, factors) };
}

/**
 * Where a plan ends, with loads summed anew: what changed one move at a time has lost some digits.
 *
 * @param searched the search's own engine: it is used again where the plan ends where the search did, which spares
 * building another. What extensions have counted is not relied on.
 */
export function standAtEnd(
  problem: PlanningProblem,
  factors: LoadFactors,
  placement: Placement,
  searched: SearchEngine | null,
): EndStand {
  const isThere =
    searched !== null && problem.extensions.length === 0 && isSamePlacement(searched.state, placement);
  if (isThere) searched.state.sumAnew();
  const engine = isThere
    ? searched
    : createSearchEngine(createPlacementState(problem, placement), factors, () => false);
  const { state, constraints } = engine;
  return { state, engine, standing: measureStanding(state, constraints, factors) };
}

const rowAt = ({ rows }: Placement, replica: number): number => (rows === null ? replica : rows[replica]);

function isSamePlacement(left: Placement, right: Placement): boolean {
  const replicas = left.nodeOf.length;
  for (let r = 0; r < replicas; r++) {
    if (left.nodeOf[r] !== right.nodeOf[r] || rowAt(left, r) !== rowAt(right, r)) return false;
    if (left.leads[r] !== right.leads[r]) return false;
  }
  return true;
}
