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
import { repairInTurns } from './search/repair-in-turns.ts';
import { createSearchEngine, negligible, type SearchEngine } from './search/search-engine.ts';
import { serveExtensions } from './search/serve-extensions.ts';
import { affordsSteepest, descendSteeply } from './search/steepest.ts';
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
  /** The placement is its `state`; what it uses of the `budget` is there as well. */
  readonly engine: SearchEngine;
  /** In which order the search found that. */
  readonly sequence: MoveSequence;
  /** Candidates looked at, also by a search whose end did not count. */
  readonly evaluations: number;
  /** Whether the clock ended this search or another that it was chosen from. */
  readonly stoppedByClock: boolean;
}

/**
 * The search alone: what an earlier plan suggests, repair, descent, leadership, extensions, improvement with what is left
 * of the budget, pruning; and where a short budget ended that, steepest descent beside it, of which the better counts. The
 * placement keeps every constraint that held, keeps to the budget, and is not lexicographically worse than the snapshot's; it
 * may equal it.
 *
 * @param count searches of this problem before this one: each goes another way
 */
export function searchPlacement(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
  count = 0,
): FoundPlacement {
  const suggestions = problem.request.warmStart?.length ?? 0;
  const first = searchFrom(problem, factors, stop, { isWarm: suggestions > 0, count });
  const found = [first];
  let { stoppedByClock } = first;
  const alsoBy = (search: () => FoundPlacement): void => {
    if (stop.shouldStop()) {
      stoppedByClock = true;
      return;
    }
    const other = search();
    found.push(other);
    stoppedByClock ||= other.stoppedByClock;
  };
  // What an earlier plan had in mind may be in the way where the rules leave little room: agreeing with it ranks below them.
  if (suggestions > 0 && !keepsAllRules(first, factors))
    alsoBy(() => searchFrom(problem, factors, stop, { isWarm: false, count }));
  if (found.some(({ engine }) => engine.budget.isFull()) && affordsSteepest(first.engine)) {
    alsoBy(() => searchSteeply(problem, factors, stop));
  }
  return { ...bestOf(found, factors), stoppedByClock };
}

function keepsAllRules(found: FoundPlacement, factors: LoadFactors): boolean {
  const [violations, toVacate] = levelsOf(found, factors);
  return violations <= negligible && toVacate === 0;
}

/** The best level by level, of equal ones the first; with the evaluations of all. */
function bestOf(found: readonly FoundPlacement[], factors: LoadFactors): FoundPlacement {
  let best = found[0];
  if (found.length === 1) return best;
  let least = levelsOf(best, factors);
  for (const each of found.slice(1)) {
    const levels = levelsOf(each, factors);
    if (compareLevels(levels, least) >= 0) continue;
    best = each;
    least = levels;
  }
  return { ...best, evaluations: found.reduce((sum, { evaluations }) => sum + evaluations, 0) };
}

/** Violations and replicas to vacate come first. */
function levelsOf({ engine }: FoundPlacement, factors: LoadFactors): readonly number[] {
  return measureStanding(engine.state, engine.constraints, factors).levels;
}

function searchFrom(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
  { isWarm, count }: { readonly isWarm: boolean; readonly count: number },
): FoundPlacement {
  const state = createPlacementState(problem);
  const sequence = recordSequence(state);
  const engine = createSearchEngine(state, factors, () => stop.shouldStop());
  const first = createRandom(problem.request.seed);
  const random = count === 0 ? first : first.fork(`search ${count}`);
  const cold = createColdNodes(state, factors, random);
  if (isWarm) warmStart(engine);
  const isStranded = repairInTurns(engine, cold, random.fork('repair'));
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
  return { engine, sequence, evaluations: engine.evaluations, stoppedByClock: engine.stoppedByClock };
}

function searchSteeply(problem: PlanningProblem, factors: LoadFactors, stop: StopSignal): FoundPlacement {
  const state = createPlacementState(problem);
  const sequence = recordSequence(state);
  const engine = createSearchEngine(state, factors, () => stop.shouldStop());
  descendSteeply(engine);
  prune(engine);
  return { engine, sequence, evaluations: engine.evaluations, stoppedByClock: engine.stoppedByClock };
}
