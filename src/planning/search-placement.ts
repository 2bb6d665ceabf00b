import { createRandom } from '../base/random.ts';
import type { LoadFactors } from './load-factors.ts';
import { createPlacementState, type PlacementState } from './placement-state.ts';
import type { PlanBudget } from './plan-budget.ts';
import { type MoveSequence, recordSequence } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import { createColdNodes } from './search/cold-nodes.ts';
import { descend } from './search/descent.ts';
import { prune } from './search/prune.ts';
import { repair } from './search/repair.ts';
import { createSearchEngine } from './search/search-engine.ts';
import { untangle } from './search/untangle.ts';

/** Asked now and then by the search; true ends it with the best placement so far, which is then not reproducible. */
export interface StopSignal {
  shouldStop(): boolean;
}

/** Where the search would have every replica, before anybody asks how to get there. */
export interface FoundPlacement {
  readonly state: PlacementState;
  /** In which order it found that. */
  readonly sequence: MoveSequence;
  /** What that uses of the policy's budget; staged moves are booked here as well. */
  readonly budget: PlanBudget;
  /** Candidates that were looked at. */
  readonly evaluations: number;
  /** Whether the wall clock ended it, so that another run may answer otherwise. */
  readonly stoppedByClock: boolean;
}

/**
 * The search alone: repair, descent, pruning. The placement keeps every constraint that held, keeps to the budget, and is
 * not lexicographically worse than the snapshot's; it may equal it.
 */
export function searchPlacement(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
): FoundPlacement {
  const state = createPlacementState(problem);
  const sequence = recordSequence(state);
  const engine = createSearchEngine(state, factors, () => stop.shouldStop());
  const random = createRandom(problem.request.seed);
  const cold = createColdNodes(state, factors, random);
  repair(engine, cold, random.fork('repair'));
  descend(engine, cold, random.fork('descent'));
  untangle(engine);
  prune(engine);
  const { budget, evaluations, stoppedByClock } = engine;
  return { state, sequence, budget, evaluations, stoppedByClock };
}
