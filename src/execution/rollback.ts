import type { Move, MoveProgress } from '../domain/move.ts';
import type { PlanContent } from '../domain/plan.ts';
import { hasEnded, type PlanStatus } from '../domain/plan-status.ts';
import type { RequestedMove } from '../domain/planning.ts';

/**
 * The moves that take back what a plan did: the inverse of what completed, newest first. What a shard went through is
 * netted: a replica that moved twice goes straight back to where it began, one that came back by itself stays, and the
 * leadership returns in one transfer to who had it first.
 *
 * @param progress one per move of the content, as `foldJournal` gives it; others count as not completed
 */
export function rollbackMoves(content: PlanContent, progress: readonly MoveProgress[]): RequestedMove[] {
  const endedAt = new Map<string, number>();
  for (const each of progress) if (each.state === 'done') endedAt.set(each.moveId, each.endedAt);
  const completed = content.moves
    .map((move, order) => ({ move, order, at: endedAt.get(move.id) }))
    .filter((each) => each.at !== undefined)
    .sort((left, right) => (left.at ?? 0) - (right.at ?? 0) || left.order - right.order)
    .map((each) => each.move);

  const byShard = new Map<string, Move[]>();
  for (const move of completed) {
    const moves = byShard.get(move.shard) ?? [];
    // Taken out and put back so that the map ends up in the order in which the shards changed last.
    byShard.delete(move.shard);
    byShard.set(move.shard, [...moves, move]);
  }
  return [...byShard.values()].reverse().flatMap(invertShard);
}

/** What becomes of the plan that was rolled back when its rollback plan ends; undefined while that one still lives. */
export function statusAfterRollback(rollback: PlanStatus): 'rolledBack' | 'failed' | undefined {
  if (!hasEnded(rollback)) return undefined;
  return rollback === 'completed' ? 'rolledBack' : 'failed';
}

/** @param moves what one shard went through, oldest first */
function invertShard(moves: readonly Move[]): RequestedMove[] {
  return [...invertLeadership(moves), ...invertRelocations(moves)];
}

function invertLeadership(moves: readonly Move[]): RequestedMove[] {
  const transfers = moves.filter((move) => move.kind === 'transferLeadership');
  const first = transfers[0];
  const last = transfers.at(-1);
  if (!first || !last || first.replica === last.successor) return [];
  return [
    {
      kind: 'transferLeadership',
      shard: first.shard,
      replica: last.successor,
      successor: first.replica,
      destination: placeOf(moves, first.replica) ?? first.source,
    },
  ];
}

function invertRelocations(moves: readonly Move[]): RequestedMove[] {
  const origins = new Map<number, string>();
  const lastMoves = new Map<number, Move>();
  for (const move of moves) {
    if (move.kind !== 'relocate') continue;
    if (!origins.has(move.replica)) origins.set(move.replica, move.source);
    lastMoves.delete(move.replica);
    lastMoves.set(move.replica, move);
  }
  const inverse: RequestedMove[] = [];
  for (const move of [...lastMoves.values()].reverse()) {
    const origin = origins.get(move.replica) ?? move.source;
    if (origin === move.destination) continue;
    const { shard, replica } = move;
    inverse.push({ kind: 'relocate', shard, replica, successor: replica, destination: origin });
  }
  return inverse;
}

/** Node on which a replica is after the moves, as far as they tell. */
function placeOf(moves: readonly Move[], replica: number): string | undefined {
  let place: string | undefined;
  for (const move of moves) {
    if (move.kind === 'relocate' && move.replica === replica) place = move.destination;
    if (move.kind === 'transferLeadership' && move.replica === replica) place = move.source;
    if (move.kind === 'transferLeadership' && move.successor === replica) place = move.destination;
  }
  return place;
}
