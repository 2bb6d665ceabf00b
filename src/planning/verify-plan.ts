import type { Move } from '../domain/move.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import { buildConstraints } from './build-constraints.ts';
import { type Change, createChange } from './change.ts';
import type { Constraint } from './constraint.ts';
import { createPlacementState, type PlacementState } from './placement-state.ts';
import { buildProblem } from './problem.ts';
import { blockedBy } from './try-move.ts';

/**
 * Walks a plan's waves through the planner's own constraints, without the extensions that it was searched with. Answers
 * what is wrong with the first move that does not fit, or null: the safety net under what others wrote.
 * O(moves × constraints).
 */
export function faultOfPlan(request: PlanningRequest, moves: readonly Move[]): string | null {
  const built = buildProblem(request);
  if (!built.ok) return 'the request has become invalid';
  const state = createPlacementState(built.value);
  const constraints = buildConstraints(state, true);
  const nodes = new Map(request.snapshot.nodes.map((node, index) => [node.id, index]));
  const shards = new Map(request.snapshot.shards.ids.map((id, index) => [id, index]));
  let wave = -1;
  const running: Change[] = [];
  for (const move of moves) {
    if (move.wave !== wave) {
      for (const change of running.splice(0)) state.settle(change);
      wave = move.wave;
    }
    const change = changeOfMove(state, move, nodes, shards);
    const fault = change ? brokenRule(constraints, change) : 'does not fit the snapshot';
    if (!change || fault !== null) return `${move.id} (shard ${move.shard}) ${fault}`;
    state.hold(change);
    running.push(change);
  }
  return null;
}

function brokenRule(constraints: readonly Constraint[], change: Change): string | null {
  const broken = blockedBy(constraints, change);
  return broken ? `breaks "${broken.name}"` : null;
}

/** The move in the state's indices; null when the replica is not where the move says. */
function changeOfMove(
  state: PlacementState,
  move: Move,
  nodes: ReadonlyMap<string, number>,
  shards: ReadonlyMap<string, number>,
): Change | null {
  const { problem, nodeOf, leads } = state;
  const { replicaOffsets, replicaNumbers } = problem.shards;
  const shard = shards.get(move.shard) ?? -1;
  const destination = nodes.get(move.destination) ?? -1;
  if (shard < 0 || destination < 0) return null;
  const rowOf = (number: number): number => {
    for (let r = replicaOffsets[shard]; r < replicaOffsets[shard + 1]; r++)
      if (replicaNumbers[r] === number) return r;
    return -1;
  };
  const replica = rowOf(move.replica);
  const successor = rowOf(move.successor);
  if (replica < 0 || successor < 0 || nodeOf[replica] !== nodes.get(move.source)) return null;
  if (move.kind === 'relocate') return state.relocation(createChange(), replica, destination);
  if (leads[replica] !== 1 || successor === replica) return null;
  return state.transfer(createChange(), replica, successor, new Float64Array(problem.width));
}
