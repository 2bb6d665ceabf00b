import { createRandom } from '../../src/base/random.ts';
import type { PlanningRequest } from '../../src/domain/planning.ts';
import { compareLevels, measureStanding } from '../../src/planning/build-objective.ts';
import { createChange } from '../../src/planning/change.ts';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { randomRequest } from '../../src/planning/conformance/random-request.ts';
import { buildLoadFactors } from '../../src/planning/load-factors.ts';
import { createPlacementState, type PlacementState } from '../../src/planning/placement-state.ts';
import { buildProblem } from '../../src/planning/problem.ts';
import { createSearchEngine } from '../../src/planning/search/search-engine.ts';
import type { LawLine } from './law-line.ts';

/** Every relocation of every fleet is tried: one fleet in ten suffices. */
const seedsPerFleet = 10;

/** Random fleets with a budget of one move: the level on which some relocation that the rules let does better than the plan. */
export function studyFirstMove(seeds: number): LawLine {
  const counts = { 'a better violations': 0, 'a better vacating': 0, 'a better load': 0 };
  let asked = 0;
  for (let seed = 0; seed < seeds; seed += seedsPerFleet) {
    const request = withOneMove(randomRequest(createRandom(seed), 'anything'));
    const planned = computePlan(request);
    if (!planned.ok) continue;
    asked += 1;
    const reached = planned.value.summary.objectiveAfter.slice(0, 5);
    const best = bestSingleMove(request);
    const level = reached.findIndex(
      (_, at) => compareLevels(best.slice(0, at + 1), reached.slice(0, at + 1)) < 0,
    );
    if (level === 0) counts['a better violations'] += 1;
    else if (level === 1) counts['a better vacating'] += 1;
    else if (level > 1) counts['a better load'] += 1;
  }
  return { case: 'first-move', seeds, asked, counts };
}

/** Nothing but the objective decides: prices are not what is asked about. */
function withOneMove(request: PlanningRequest): PlanningRequest {
  const { policy } = request;
  const budget = { ...policy.budget, maxMoves: 1, maxBytes: Number.MAX_SAFE_INTEGER, maxShareOfShards: 1 };
  return { ...request, policy: { ...policy, budget, benefit: { ...policy.benefit, minGainPerPrice: 0 } } };
}

/** Levels of the fleet after the relocation that leaves it best, or without any. */
function bestSingleMove(request: PlanningRequest): readonly number[] {
  const built = buildProblem(request);
  if (!built.ok) throw new Error(built.error.map(({ message }) => message).join('; '));
  const problem = built.value;
  const factors = buildLoadFactors(problem);
  const engine = createSearchEngine(createPlacementState(problem), factors, () => false);
  const change = createChange();
  const levelsOf = (state: PlacementState): readonly number[] =>
    measureStanding(state, createSearchEngine(state, factors, () => false).constraints, factors).levels;
  let best = levelsOf(engine.state);
  for (let replica = 0; replica < problem.replicaCount; replica++) {
    for (let node = 0; node < problem.nodeCount; node++) {
      if (node === engine.state.nodeOf[replica]) continue;
      if (!engine.admits(engine.state.relocation(change, replica, node))) continue;
      const state = createPlacementState(problem);
      state.apply(state.relocation(change, replica, node));
      const levels = levelsOf(state);
      if (compareLevels(levels, best) < 0) best = levels;
    }
  }
  return best;
}
