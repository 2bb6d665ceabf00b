import type { MoveSequence } from './move-sequence.ts';
import type { PlacementState } from './placement-state.ts';
import type { PlanningProblem } from './problem.ts';
import { createReadAhead } from './read-ahead.ts';

/** A move in dense indices, before it has its place in the order. */
export interface PlannedMove {
  readonly kind: 'relocate' | 'transfer';
  /** Replica row; for a transfer the one that leads before. */
  readonly replica: number;
  /** Replica row that leads afterwards; equal to `replica` for a relocation. */
  readonly successor: number;
  /** Destination node of a relocation; -1 for a transfer. */
  readonly to: number;
  /** First leg of a relocation that goes through a third node. */
  readonly staged: boolean;
}

/** A move with its wave, in execution order. */
export interface OrderedMove extends PlannedMove {
  readonly wave: number;
}

/** How urgent moves are whatever the loads: the lower class goes first where both could. */
export const moveClass = {
  /** Off a dead node: redundancy is lost there already. */
  restoring: 0,
  /** Off a node that must be vacated. */
  vacating: 1,
  /** Leadership costs nothing and relieves at once. */
  leadership: 2,
  balancing: 3,
} as const;

/** Number of classes. */
export const moveClasses = 4;

/** Classes of a move, by the node that its replica was on at the beginning. */
export function classOfMove(problem: PlanningProblem, move: PlannedMove): number {
  if (move.kind === 'transfer') return moveClass.leadership;
  const origin = problem.shards.replicaNodes[move.replica];
  if (problem.nodes.vacate[origin] === 0) return moveClass.balancing;
  const { status } = problem.request.snapshot.nodes[origin];
  return status === 'dead' || status === 'left' ? moveClass.restoring : moveClass.vacating;
}

/**
 * The moves from the snapshot to the state, by class, within it in the order in which the search settled them. O(moves).
 */
export function plannedMoves(state: PlacementState, sequence: MoveSequence): PlannedMove[] {
  const { problem, nodeOf, leads } = state;
  const { replicaNodes, replicaLeads } = problem.shards;
  const classes: PlannedMove[][] = Array.from({ length: moveClasses }, () => []);
  const replicas = sequence.replicas();
  const ahead = createReadAhead(state, 'placement');
  const replicaAt = (at: number): number => replicas[at];
  for (let at = 0; at < replicas.length; at++) {
    ahead.walk(at, replicas.length, replicaAt);
    const replica = replicas[at];
    if (nodeOf[replica] !== replicaNodes[replica]) {
      const to = nodeOf[replica];
      const move: PlannedMove = { kind: 'relocate', replica, successor: replica, to, staged: false };
      classes[classOfMove(problem, move)].push(move);
    }
    if (replicaLeads[replica] === 1 && leads[replica] === 0) {
      const successor = leaderOf(state, problem.shardOf[replica]);
      classes[moveClass.leadership].push({ kind: 'transfer', replica, successor, to: -1, staged: false });
    }
  }
  return classes.flat();
}

function leaderOf(state: PlacementState, shard: number): number {
  const offsets = state.problem.shards.replicaOffsets;
  for (let r = offsets[shard]; r < offsets[shard + 1]; r++) if (state.leads[r] === 1) return r;
  return -1;
}
