import { err, ok, type Result } from '../base/result.ts';
import type { Move } from '../domain/move.ts';
import type { PlanSummary } from '../domain/plan.ts';
import type { PlanningRequest, PlanningResult } from '../domain/planning.ts';
import type { Problem } from '../domain/problem.ts';
import { type AnnotatedMoves, annotateMoves, firstMoves } from './annotate-moves.ts';
import { balanceOf } from './balance.ts';
import { planQuality } from './bounds/plan-quality.ts';
import { compareLevels, type Standing } from './build-objective.ts';
import { createChange } from './change.ts';
import { estimateDuration } from './duration-estimate.ts';
import type { PlannerExtension } from './extension.ts';
import { orderProblems, resolveFixedMoves } from './fixed-moves.ts';
import { findConflicts } from './infeasible/find-conflicts.ts';
import { buildLoadFactors, type LoadFactors } from './load-factors.ts';
import { explainObstacles } from './obstacles.ts';
import { createPlacementState, type PlacementState } from './placement-state.ts';
import { type OrderedMove, plannedMoves } from './planned-move.ts';
import { buildProblem, type PlanningProblem } from './problem.ts';
import type { SearchEngine } from './search/search-engine.ts';
import { type StopSignal, searchPlacement } from './search-placement.ts';
import { type EndStand, type Stand, standAtEnd, standAtStart } from './stand.ts';
import { fillChange } from './try-move.ts';
import { orderIntoWaves, type WaveResult } from './waves.ts';
import { wavesAsGiven } from './waves-as-given.ts';

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

/** Moves in their order, and what else the answer tells of how they were found. */
interface Ordered {
  readonly waves: WaveResult;
  /** The search's, in the placement that it found; null without a search. */
  readonly engine: SearchEngine | null;
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
  const found = orderIntoWaves(problem, resolved.value, { mayStage: () => false, keepsOrder: true });
  // Few waves may lead where the last moves find no room; the order in which they were asked for may not.
  const asGiven = found.dropped.length > 0 ? wavesAsGiven(problem, resolved.value) : null;
  if (found.dropped.length > 0 && asGiven === null) return err(orderProblems(problem, found.dropped));
  const waves: WaveResult = asGiven === null ? found : { ordered: asGiven, dropped: [] };
  const ordered: Ordered = { waves, engine: null, evaluations: 0, deterministic: true };
  const start = standAtStart(problem, factors);
  const annotated = annotateMoves(start.state, start.standing.violated, factors, waves.ordered);
  const end = standAtEnd(problem, factors, start.state, null);
  const summary = summarise(problem, { before: start.standing, end, annotated, ordered });
  return ok({ moves: annotated.moves, summary, obstacles: [] });
}

/** Search, order, annotate, and summarise what is worth doing. */
function planImprovement(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
): Result<PlanningResult, readonly Problem[]> {
  const { ordered, start, annotated, end } = bestAttempt(problem, factors, stop);
  const { moves } = annotated;
  const summary = summarise(problem, { before: start.standing, end, annotated, ordered });
  const isCutShort = ordered.engine?.isCutShort() ?? false;
  const obstacles = explainObstacles(end.engine, end.standing, ordered.waves.dropped, isCutShort);
  const result = { moves, summary, obstacles };
  if (moves.length > 0) return ok(result);
  const conflicts = findConflicts(end.engine);
  return conflicts.length > 0 ? err(conflicts) : ok(result);
}

/** A plan that is worth doing, of one search. */
interface PlanAttempt {
  readonly ordered: Ordered;
  readonly start: Stand;
  readonly annotated: AnnotatedMoves;
  readonly end: EndStand;
}

/** Searches in all, where moves of the ones before found no order. */
const maxAttempts = 3;

/**
 * Whether an order of moves leads to a placement shows only when it is looked for; where it does not, a search that goes
 * another way may find one as good. So there are more of them as long as the candidates and the time of another are left, and the best
 * plan counts, of equal ones the first.
 */
function bestAttempt(problem: PlanningProblem, factors: LoadFactors, stop: StopSignal): PlanAttempt {
  const { maxEvaluations } = problem.request.policy.budget;
  let best = attempt(problem, factors, stop, 0);
  let { evaluations, deterministic } = best.ordered;
  let isComplete = best.ordered.waves.dropped.length === 0;
  for (let count = 1; count < maxAttempts && !isComplete; count++) {
    const share = stop.elapsedShare?.() ?? 0;
    const costs = 1 + 1 / count;
    if (evaluations * costs > maxEvaluations) break;
    if (stop.shouldStop() || share * costs > 1) {
      deterministic = false;
      break;
    }
    const other = attempt(problem, factors, stop, count);
    evaluations += other.ordered.evaluations;
    deterministic &&= other.ordered.deterministic;
    isComplete = other.ordered.waves.dropped.length === 0;
    if (compareLevels(other.end.standing.levels, best.end.standing.levels) < 0) best = other;
  }
  return { ...best, ordered: { ...best.ordered, evaluations, deterministic } };
}

/** @param count searches before this one */
function attempt(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
  count: number,
): PlanAttempt {
  const ordered = findAndOrder(problem, factors, stop, count);
  const start = standAtStart(problem, factors);
  const all = annotateMoves(start.state, start.standing.violated, factors, ordered.waves.ordered);
  return { ordered, start, ...worthDoing(problem, factors, { start, all, ordered }) };
}

function findAndOrder(
  problem: PlanningProblem,
  factors: LoadFactors,
  stop: StopSignal,
  count: number,
): Ordered {
  const found = searchPlacement(problem, factors, stop, count);
  const { engine, sequence, evaluations, stoppedByClock } = found;
  const { budget } = engine;
  const waves = orderIntoWaves(problem, plannedMoves(engine.state, sequence), {
    mayStage: (bytes) => {
      if (budget.refusesStage(bytes) !== null) return false;
      budget.stage(bytes);
      return true;
    },
    keepsOrder: false,
  });
  return { waves, engine, evaluations, deterministic: !stoppedByClock };
}

/**
 * A level above this, in mean nodes, is that of a node which is hopeless by itself (a replica that may not move, on next to
 * no capacity): beside it a thousandth of a node is lost in the rounding of comparisons.
 */
const beyondMeasure = 1e6;

/**
 * All moves when they leave the fleet better than it is; when some found no order, the prefix of waves that does most
 * (every prefix is a state that keeps the constraints); nothing when that is not better either.
 */
function worthDoing(
  problem: PlanningProblem,
  factors: LoadFactors,
  { start, all, ordered }: { start: Stand; all: AnnotatedMoves; ordered: Ordered },
): { readonly annotated: AnnotatedMoves; readonly end: EndStand } {
  const { waves, engine } = ordered;
  const count = waves.ordered.length;
  const prefix = waves.dropped.length === 0 ? count : all.bestPrefix;
  const walked = prefix === count ? start.state : stateAfter(problem, waves.ordered.slice(0, prefix));
  const end = standAtEnd(problem, factors, walked, engine);
  const difference = compareLevels(end.standing.levels, start.standing.levels);
  // The sums of such a fleet cannot show what its moves gain; the deltas of the moves can.
  const isShown = difference !== 0 || !start.standing.levels.some((level) => level > beyondMeasure);
  if (prefix === 0 || difference < 0 || (!isShown && all.bestPrefix === prefix)) {
    return { annotated: firstMoves(all, prefix), end };
  }
  const nothing = createPlacementState(problem);
  return { annotated: firstMoves(all, 0), end: standAtEnd(problem, factors, nothing, null) };
}

function stateAfter(problem: PlanningProblem, moves: readonly OrderedMove[]): PlacementState {
  const state = createPlacementState(problem);
  const change = createChange();
  const scratch = new Float64Array(problem.width);
  for (const move of moves) state.apply(fillChange(state, move, change, scratch));
  return state;
}

/** What a summary is made of. */
interface Found {
  readonly before: Standing;
  readonly end: EndStand;
  readonly annotated: AnnotatedMoves;
  readonly ordered: Ordered;
}

function summarise(problem: PlanningProblem, found: Found): PlanSummary {
  const { before, end, ordered } = found;
  const { moves, timed } = found.annotated;
  const nodeIds = problem.request.snapshot.nodes.map((node) => node.id);
  const balanceAt = (load: Float64Array) => balanceOf(nodeIds, problem.dimensions, problem.nodes, load);
  const balanceAfter = balanceAt(end.state.load);
  const { bytes, price, touched } = totalsOf(moves);
  return {
    moves: moves.length,
    waves: (moves.at(-1)?.wave ?? -1) + 1,
    bytes,
    shardsTouched: touched,
    shareOfShards: problem.shardCount > 0 ? touched / problem.shardCount : 0,
    before: balanceAt(problem.initial.load),
    after: balanceAfter,
    ...standings(before, end.standing, price),
    ...planQuality({
      after: end.state,
      balance: balanceAfter,
      moves: moves.length,
      shardsTouched: touched,
      violationsBefore: before.violations,
    }),
    eta: estimateDuration(timed, problem.nodeCount, problem.request.policy),
    evaluations: ordered.evaluations,
    deterministic: ordered.deterministic,
  };
}

/** The first move of a shard knows its version, so those are the shards that the plan touches. */
function totalsOf(moves: readonly Move[]) {
  let bytes = 0;
  let price = 0;
  let touched = 0;
  for (const move of moves) {
    bytes += move.bytes;
    price += move.price;
    if (move.expectedVersion !== -1) touched += 1;
  }
  return { bytes, price, touched };
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
