import { createRandom } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { PlanSummary } from '../domain/plan.ts';
import type { PlanningRequest, PlanningResult } from '../domain/planning.ts';
import type { Problem } from '../domain/problem.ts';
import { annotateMoves } from './annotate-moves.ts';
import { balanceOf } from './balance.ts';
import { planQuality } from './bounds/plan-quality.ts';
import { buildConstraints } from './build-constraints.ts';
import { compareLevels, measureStanding, type Standing } from './build-objective.ts';
import { estimateDuration } from './duration-estimate.ts';
import type { PlannerExtension } from './extension.ts';
import { orderProblems, resolveFixedMoves } from './fixed-moves.ts';
import { findConflicts } from './infeasible.ts';
import { buildLoadFactors, type LoadFactors } from './load-factors.ts';
import { explainObstacles } from './obstacles.ts';
import { createPlacementState, type Placement } from './placement-state.ts';
import { type OrderedMove, plannedMoves, recordSequence } from './planned-move.ts';
import { buildProblem, type PlanningProblem } from './problem.ts';
import { createColdNodes } from './search/cold-nodes.ts';
import { descend } from './search/descent.ts';
import { prune } from './search/prune.ts';
import { repair } from './search/repair.ts';
import { createSearchEngine, type SearchEngine } from './search/search-engine.ts';
import { changeOf } from './try-move.ts';
import { orderIntoWaves, type WaveResult } from './waves.ts';

/** Asked now and then by the search; true ends it with the best plan so far, which is then not reproducible. */
export interface StopSignal {
  shouldStop(): boolean;
}

/**
 * Computes a plan. Pure and synchronous: equal requests give equal answers, byte for byte, unless `stop` ended the
 * search. The plan never breaks a constraint that held, never exceeds the policy's budget, never leaves the fleet
 * lexicographically worse, and every state on its way keeps the constraints; `moves` is empty when nothing is worth
 * its price.
 *
 * Problems: POLICY_DIMENSION_UNKNOWN; PLACEMENT_INFEASIBLE when something must be placed, nothing at all can be done,
 * and rules contradict each other; for a `fixed` task also SHARD_NOT_FOUND, NODE_NOT_FOUND, FIELD_INVALID.
 */
export function computePlan(
  request: PlanningRequest,
  stop: StopSignal = never,
  extensions: readonly PlannerExtension[] = [],
): Result<PlanningResult, readonly Problem[]> {
  const built = buildProblem(request, extensions);
  if (!built.ok) return built;
  const problem = built.value;
  const factors = buildLoadFactors(problem);
  return request.task.kind === 'fixed'
    ? planFixed(problem, factors)
    : planImprovement(problem, factors, stop);
}

const never: StopSignal = { shouldStop: () => false };

/** What ends up in the answer besides the moves themselves. */
interface Outcome {
  readonly ordered: readonly OrderedMove[];
  readonly dropped: WaveResult['dropped'];
  readonly evaluations: number;
  readonly deterministic: boolean;
}

function planFixed(
  problem: PlanningProblem,
  factors: LoadFactors,
): Result<PlanningResult, readonly Problem[]> {
  const { task } = problem.request;
  const resolved = resolveFixedMoves(problem, task.kind === 'fixed' ? task.moves : []);
  if (!resolved.ok) return resolved;
  const waves = orderIntoWaves(problem, resolved.value, { mayStage: () => false, keepsOrder: true });
  if (waves.dropped.length > 0) return err(orderProblems(problem, waves.dropped));
  return ok(finish(problem, factors, { ...waves, evaluations: 0, deterministic: true }));
}

function planImprovement(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
): Result<PlanningResult, readonly Problem[]> {
  const state = createPlacementState(problem);
  const sequence = recordSequence(state);
  const engine = createSearchEngine(state, factors, () => stop.shouldStop());
  const cold = createColdNodes(state, factors, createRandom(problem.request.seed));
  repair(engine, cold);
  descend(engine, cold);
  prune(engine);
  const waves = orderIntoWaves(problem, plannedMoves(state, sequence), {
    mayStage: (bytes) => {
      if (engine.budget.refusesStage(bytes) !== null) return false;
      engine.budget.stage(bytes);
      return true;
    },
    keepsOrder: false,
  });
  const ordered = bestPrefix(problem, factors, waves);
  const { evaluations, stoppedByClock } = engine;
  const result = finish(problem, factors, {
    ordered,
    dropped: waves.dropped,
    evaluations,
    deterministic: !stoppedByClock,
  });
  if (result.moves.length > 0) return ok(result);
  const conflicts = findConflicts(engineAt(problem, factors));
  return conflicts.length > 0 ? err(conflicts) : ok(result);
}

/**
 * All waves when they leave the fleet better than it is; when moves were dropped, the prefix that does most (every
 * prefix is a state that keeps the constraints); nothing when none is better.
 */
function bestPrefix(
  problem: PlanningProblem,
  factors: LoadFactors,
  waves: WaveResult,
): readonly OrderedMove[] {
  const { ordered } = waves;
  if (ordered.length === 0) return ordered;
  const state = createPlacementState(problem);
  const constraints = buildConstraints(state, true);
  let bestLevels = measureStanding(state, constraints, factors).levels;
  let best = 0;
  const step = waves.dropped.length === 0 ? ordered.length : Math.ceil(ordered.length / maxPrefixesMeasured);
  for (let index = 0; index < ordered.length; index++) {
    state.apply(changeOf(state, ordered[index]));
    const isWaveEnd = index + 1 === ordered.length || ordered[index + 1].wave !== ordered[index].wave;
    if (!isWaveEnd || ((index + 1) % step !== 0 && index + 1 !== ordered.length && step > 1)) continue;
    const { levels } = measureStanding(createPlacementStateLike(state), constraints, factors);
    if (compareLevels(levels, bestLevels) >= 0) continue;
    bestLevels = levels;
    best = index + 1;
  }
  return ordered.slice(0, best);
}

/** Prefixes that are measured when some moves found no order. */
const maxPrefixesMeasured = 64;

/** The same placement with loads summed anew. */
function createPlacementStateLike(state: Placement & { readonly problem: PlanningProblem }) {
  return createPlacementState(state.problem, state);
}

function engineAt(problem: PlanningProblem, factors: LoadFactors, placement?: Placement): SearchEngine {
  return createSearchEngine(createPlacementState(problem, placement), factors, () => false);
}

function finish(problem: PlanningProblem, factors: LoadFactors, outcome: Outcome): PlanningResult {
  const { moves, price, state } = annotateMoves(problem, factors, outcome.ordered);
  const before = engineAt(problem, factors);
  const after = engineAt(problem, factors, state);
  const standingBefore = measureStanding(before.state, before.constraints, factors);
  const standingAfter = measureStanding(after.state, after.constraints, factors);
  const nodeIds = problem.request.snapshot.nodes.map((node) => node.id);
  const balanceAt = (engine: SearchEngine) =>
    balanceOf(nodeIds, problem.dimensions, problem.nodes, engine.state.load);
  const balanceAfter = balanceAt(after);
  const touched = new Set(moves.map((move) => move.shard)).size;
  const summary: PlanSummary = {
    moves: moves.length,
    waves: moves.reduce((most, move) => Math.max(most, move.wave + 1), 0),
    bytes: moves.reduce((sum, move) => sum + move.bytes, 0),
    shardsTouched: touched,
    shareOfShards: problem.shardCount > 0 ? touched / problem.shardCount : 0,
    before: balanceAt(before),
    after: balanceAfter,
    ...standings(standingBefore, standingAfter, price),
    ...planQuality({
      before: before.state,
      after: after.state,
      balance: balanceAfter,
      moves: moves.length,
      shardsTouched: touched,
      violationsBefore: standingBefore.violations,
    }),
    eta: estimateDuration(moves, problem.request.policy),
    evaluations: outcome.evaluations,
    deterministic: outcome.deterministic,
  };
  const obstacles = problem.request.task.kind === 'fixed' ? [] : explainObstacles(after, outcome.dropped);
  return { moves, summary, obstacles };
}

function standings(before: Standing, after: Standing, price: number) {
  return {
    violationsBefore: before.violations,
    violationsAfter: after.violations,
    toVacateBefore: before.toVacate,
    toVacateAfter: after.toVacate,
    objectiveBefore: [...before.levels, 0],
    objectiveAfter: [...after.levels, price],
  };
}
