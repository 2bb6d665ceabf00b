import { err, ok, type Result } from '../../base/result.ts';
import type { ExplanationRequest } from '../../domain/explanation.ts';
import type { Move, MoveReasonCode } from '../../domain/move.ts';
import type { Problem } from '../../domain/problem.ts';
import { createChange } from '../change.ts';
import { type PlannerExtension, replacesTerms } from '../extension.ts';
import { buildLoadFactors, type LoadFactors } from '../load-factors.ts';
import { createPlacementState, type PlacementState } from '../placement-state.ts';
import { buildProblem, type PlanningProblem } from '../problem.ts';
import { createSearchEngine, type SearchEngine } from '../search/search-engine.ts';
import { restHeat } from '../search/shed-lines.ts';
import { beginHeat } from '../search/unrest.ts';
import { hottest } from '../terms/peak.ts';

/** A plan's fleet before and after all of its moves, ready to be asked what else could be done. */
export interface PlacedPlan {
  readonly request: ExplanationRequest;
  readonly problem: PlanningProblem;
  readonly factors: LoadFactors;
  readonly before: PlacementState;
  /** Over the state after the last move, with the plan's budget spent. */
  readonly after: SearchEngine;
  /** Utilisation over the mean above which the plan's nodes began to give. */
  readonly beginHeat: number;
}

/**
 * Makes the plan's moves, without judging them: a plan is explained also where its rules have changed since. Problems:
 * POLICY_DIMENSION_UNKNOWN; PLAN_DRIFTED when a move names what the snapshot does not have.
 */
export function placePlan(
  request: ExplanationRequest,
  extensions: readonly PlannerExtension[],
): Result<PlacedPlan, readonly Problem[]> {
  const built = buildProblem(request.planning, extensions);
  if (!built.ok) return built;
  const problem = built.value;
  const factors = buildLoadFactors(problem);
  const state = createPlacementState(problem);
  // The search looks how restless the fleet is when it has repaired what there is to repair.
  const repaired = createPlacementState(problem);
  const rows = createRowFinder(problem);
  const change = createChange();
  const scratch = new Float64Array(problem.width);
  for (const move of request.moves) {
    const replica = rows.replica(move.shard, move.replica);
    const successor = rows.replica(move.shard, move.successor);
    const to = rows.node(move.destination);
    if (replica < 0 || successor < 0 || to < 0) return err([notOfSnapshot(move)]);
    if (isRepair(move)) repaired.apply(repaired.relocation(change, replica, to));
    state.apply(
      move.kind === 'relocate'
        ? state.relocation(change, replica, to)
        : state.transfer(change, replica, successor, scratch),
    );
  }
  // Loads are summed anew, so that limits are compared without the rounding of many moves.
  const after = createSearchEngine(createPlacementState(problem, state), factors, () => false);
  if (!replacesTerms(problem)) after.limitHeat(Math.max(hottest(after.state, factors), restHeat(factors)));
  const before = createPlacementState(problem);
  return ok({ request, problem, factors, before, after, beginHeat: beginHeat(repaired, factors) });
}

/** Reasons of moves that come before anything is evened out. */
const repairReasons: ReadonlySet<MoveReasonCode> = new Set<MoveReasonCode>([
  'nodeMustBeVacated',
  'capacityExceeded',
  'spreadViolated',
  'placementViolated',
  'overConcentrated',
]);

function isRepair({ kind, reasons }: Move): boolean {
  return kind === 'relocate' && reasons.some(({ code }) => repairReasons.has(code));
}

function createRowFinder(problem: PlanningProblem) {
  const nodes = new Map(problem.request.snapshot.nodes.map((node, index) => [node.id, index]));
  const { replicaOffsets, replicaNumbers } = problem.shards;
  return {
    node: (id: string): number => nodes.get(id) ?? -1,
    replica(shardId: string, number: number): number {
      const shard = shardIndex(problem, shardId);
      if (shard < 0) return -1;
      for (let r = replicaOffsets[shard]; r < replicaOffsets[shard + 1]; r++)
        if (replicaNumbers[r] === number) return r;
      return -1;
    },
  };
}

/** The shard's index, by bisection since ids are sorted by code unit; -1 where there is none. */
export function shardIndex({ shards }: PlanningProblem, id: string): number {
  let low = 0;
  let high = shards.ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (shards.ids[middle] < id) low = middle + 1;
    else high = middle;
  }
  return shards.ids[low] === id ? low : -1;
}

function notOfSnapshot({ id, shard }: Move): Problem {
  return {
    code: 'PLAN_DRIFTED',
    message: `move ${id} of the plan names what the snapshot does not have`,
    field: 'moves',
    value: id,
    subject: `shard/${shard}`,
    remedy: 'Give the snapshot that the plan was made from; its digest is in the plan.',
  };
}
