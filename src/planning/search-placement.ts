import { createRandom } from '../base/random.ts';
import { compareLevels, measureStanding } from './build-objective.ts';
import type { LoadFactors } from './load-factors.ts';
import { type MoveSequence, recordSequence } from './move-sequence.ts';
import { createPlacementState } from './placement-state.ts';
import type { PlanningProblem } from './problem.ts';
import { createColdNodes } from './search/cold-nodes.ts';
import { descend } from './search/descent.ts';
import { improve } from './search/improve/improve.ts';
import { levelLeadership } from './search/level-leadership.ts';
import { prune } from './search/prune.ts';
import { repair } from './search/repair.ts';
import { createSearchEngine, negligible, type SearchEngine } from './search/search-engine.ts';
import { serveExtensions } from './search/serve-extensions.ts';
import { beginHeat } from './search/unrest.ts';
import { untangle } from './search/untangle.ts';
import { warmStart } from './search/warm-start.ts';

/** Asked now and then by the search; true ends it with the best placement so far, which is then not reproducible. */
export interface StopSignal {
  shouldStop(): boolean;
  /** Share of the clock's budget that is used, 0 to 1; where given, the improvement is paced by it and ends with it. */
  elapsedShare?(): number;
}

/** Where the search would have every replica, before anybody asks how to get there. */
export interface FoundPlacement {
  /** The placement is its `state`; `stoppedByClock` and what it uses of the `budget` are there as well. */
  readonly engine: SearchEngine;
  /** In which order the search found that. */
  readonly sequence: MoveSequence;
  /** Candidates looked at, also by a search whose end did not count. */
  readonly evaluations: number;
}

/**
 * The search alone: what an earlier plan suggests, repair, descent, leadership, extensions, improvement with what is left
 * of the budget, pruning. The placement keeps every constraint that held,
 * keeps to the budget, and is not lexicographically worse than the snapshot's; it may equal it.
 */
export function searchPlacement(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
): FoundPlacement {
  const suggestions = problem.request.warmStart?.length ?? 0;
  const found = searchFrom(problem, factors, stop, suggestions > 0);
  if (suggestions === 0 || stop.shouldStop()) return found;
  // What an earlier plan had in mind may be in the way where the rules leave little room: agreeing with it ranks below them.
  const warm = levelsOf(found, factors);
  if (warm[0] <= negligible && warm[1] === 0) return found;
  const cold = searchFrom(problem, factors, stop, false);
  const evaluations = found.evaluations + cold.evaluations;
  return { ...(compareLevels(levelsOf(cold, factors), warm) < 0 ? cold : found), evaluations };
}

/** Violations and replicas to vacate come first. */
function levelsOf({ engine }: FoundPlacement, factors: LoadFactors): readonly number[] {
  return measureStanding(engine.state, engine.constraints, factors).levels;
}

function searchFrom(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
  isWarm: boolean,
): FoundPlacement {
  const state = createPlacementState(problem);
  const sequence = recordSequence(state);
  const engine = createSearchEngine(state, factors, () => stop.shouldStop());
  const random = createRandom(problem.request.seed);
  const cold = createColdNodes(state, factors, random);
  if (isWarm) warmStart(engine);
  const isStranded = repair(engine, cold, random.fork('repair'));
  const begin = beginHeat(state, factors);
  descend(engine, cold, begin, random.fork('descent'));
  // Where hot nodes have given there may be room now.
  if (isStranded) repair(engine, cold, random.fork('repair again'));
  untangle(engine);
  levelLeadership(engine);
  serveExtensions(engine, cold);
  improve(engine, {
    random: random.fork('improve'),
    beginHeat: begin,
    ...(stop.elapsedShare && { elapsedShare: () => stop.elapsedShare?.() ?? 0 }),
  });
  prune(engine);
  return { engine, sequence, evaluations: engine.evaluations };
}
