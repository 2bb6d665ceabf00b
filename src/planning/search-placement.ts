import { createRandom } from '../base/random.ts';
import type { LoadFactors } from './load-factors.ts';
import { createPlacementState } from './placement-state.ts';
import { type MoveSequence, recordSequence } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import { createColdNodes } from './search/cold-nodes.ts';
import { descend } from './search/descent.ts';
import { levelLeadership } from './search/level-leadership.ts';
import { prune } from './search/prune.ts';
import { repair } from './search/repair.ts';
import { createSearchEngine, type SearchEngine } from './search/search-engine.ts';
import { serveExtensions } from './search/serve-extensions.ts';
import { untangle } from './search/untangle.ts';

/** Asked now and then by the search; true ends it with the best placement so far, which is then not reproducible. */
export interface StopSignal {
  shouldStop(): boolean;
}

/** Where the search would have every replica, before anybody asks how to get there. */
export interface FoundPlacement {
  /** The placement is its `state`; `evaluations`, `stoppedByClock` and what it uses of the `budget` are there as well. */
  readonly engine: SearchEngine;
  /** In which order the search found that. */
  readonly sequence: MoveSequence;
}

/**
 * The search alone: repair, descent, leadership, extensions, pruning. The placement keeps every constraint that held,
 * keeps to the budget, and is not lexicographically worse than the snapshot's; it may equal it.
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
  levelLeadership(engine);
  serveExtensions(engine, cold);
  prune(engine);
  return { engine, sequence };
}
