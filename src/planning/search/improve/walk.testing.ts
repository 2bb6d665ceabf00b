import fc from 'fast-check';
import { createRandom } from '../../../base/random.ts';
import type { PlanningRequest } from '../../../domain/planning.ts';
import { randomRequest } from '../../conformance/random-request.ts';
import { buildLoadFactors } from '../../load-factors.ts';
import { createPlacementState } from '../../placement-state.ts';
import { buildProblem } from '../../problem.ts';
import { createSearchEngine, type SearchEngine } from '../search-engine.ts';
import { createWalk, type Walk } from './walk.ts';

/** The engine at the beginning of a search for the request; throws when the request is none. */
export function engineFor(request: PlanningRequest): SearchEngine {
  const problem = buildProblem(request);
  if (!problem.ok) throw new Error(problem.error.map((each) => each.message).join('; '));
  const state = createPlacementState(problem.value);
  return createSearchEngine(state, buildLoadFactors(problem.value), () => false);
}

/** A walk over a random fleet of one to 28 shards; null where nothing may move. */
export function randomWalk(seed: number): Walk | null {
  const request = randomRequest(createRandom(seed), 'anything');
  const walk = createWalk(engineFor(request), createRandom(`walk/${seed}`));
  return walk.space.replicas.length > 0 && walk.space.nodes.length > 0 ? walk : null;
}

/** Checks walks over forty random fleets. */
export function overRandomWalks(check: (walk: Walk) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const walk = randomWalk(seed);
      if (walk !== null) check(walk);
    }),
    { numRuns: 40 },
  );
}

/** Amount of violation per constraint, measured anew on a copy of the placement. */
export function violationsNow({ state }: SearchEngine): readonly number[] {
  const { problem } = state;
  const copy = createSearchEngine(
    createPlacementState(problem, state),
    buildLoadFactors(problem),
    () => false,
  );
  return copy.constraints.map((constraint) => constraint.measure().amount);
}
