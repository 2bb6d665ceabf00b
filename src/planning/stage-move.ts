import type { Constraint } from './constraint.ts';
import type { MoveQueue } from './move-queue.ts';
import type { PlacementState } from './placement-state.ts';
import type { PlannedMove } from './planned-move.ts';
import { blockedBy, changeOf } from './try-move.ts';

/** Blocked moves, and third nodes for each, that are tried when nothing can go on. */
const maxBlockedTried = 256;
const maxThirdNodes = 512;

/**
 * Breaks a deadlock: among the moves that wait for each other, finds one whose replica can wait on a third node,
 * making room where another wants to go, on a node or in a domain. Each move takes such a detour at most once, and none while the plan holds
 * transient load, which the detour would only add to.
 */
export function findStage(
  state: PlacementState,
  constraints: readonly Constraint[],
  queue: MoveQueue,
  mayStage: (bytes: number) => boolean,
): { readonly index: number; readonly move: PlannedMove } | null {
  const { problem } = state;
  if (problem.holdsForPlan) return null;
  const wanted = new Set<number>();
  for (const index of queue.waiting()) wanted.add(queue.move(index).to);
  let tried = 0;
  for (const index of queue.waiting()) {
    const move = queue.move(index);
    if (move.kind !== 'relocate' || queue.wasStaged(index) || !queue.isReady(index)) continue;
    if (tried >= maxBlockedTried) return null;
    tried += 1;
    const third = thirdNode(state, constraints, move, wanted);
    if (third < 0) continue;
    if (!mayStage(problem.shards.replicaBytes[move.replica])) return null;
    return { index, move: { ...move, to: third, staged: true } };
  }
  return null;
}

/** A node that can hold the replica meanwhile; one that no waiting move wants before one that some does. */
function thirdNode(
  state: PlacementState,
  constraints: readonly Constraint[],
  move: PlannedMove,
  wanted: ReadonlySet<number>,
): number {
  const { problem } = state;
  let fallback = -1;
  let looked = 0;
  for (let node = 0; node < problem.nodeCount && looked < maxThirdNodes; node++) {
    if (problem.nodes.takes[node] === 0 || node === move.to || node === state.nodeOf[move.replica]) continue;
    looked += 1;
    if (blockedBy(constraints, changeOf(state, { ...move, to: node })) !== null) continue;
    if (!wanted.has(node)) return node;
    if (fallback < 0) fallback = node;
  }
  return fallback;
}
