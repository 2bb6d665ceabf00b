import type { RequestedMove } from '../domain/planning.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { CreatePlanRequest } from './rebalancer.ts';

/** Moves that a person may list by hand in one request. */
export const maxRequestedMoves = 10_000;

/** What is wrong with a request whatever the fleet looks like. Problems: FIELD_INVALID. */
export function requestProblems(request: CreatePlanRequest): readonly Problem[] {
  const problems: Problem[] = [];
  const check = (holds: boolean, field: string, value: number, limit: string): void => {
    if (holds) return;
    problems.push({
      code: 'FIELD_INVALID',
      message: `${field} is ${value}; it must be ${limit}`,
      field,
      value: String(value),
      limit,
    });
  };
  const { seed, budget, moves } = request;
  check(Number.isSafeInteger(seed) && seed >= 0, 'seed', seed, 'a whole number from 0');
  // A budget of nothing asks how good the fleet is as it stands.
  if (budget?.maxMoves !== undefined) {
    const counts = Number.isSafeInteger(budget.maxMoves) && budget.maxMoves >= 0;
    check(counts, 'budget.maxMoves', budget.maxMoves, 'a whole number from 0');
  }
  if (budget?.maxBytes !== undefined) {
    const fits = Number.isFinite(budget.maxBytes) && budget.maxBytes >= 0;
    check(fits, 'budget.maxBytes', budget.maxBytes, 'a number of bytes from 0');
  }
  if (budget?.maxShareOfShards !== undefined) {
    const share = budget.maxShareOfShards;
    check(share >= 0 && share <= 1, 'budget.maxShareOfShards', share, 'from 0 to 1');
  }
  if (moves) {
    const counted = moves.length >= 1 && moves.length <= maxRequestedMoves;
    check(counted, 'moves', moves.length, `from 1 to ${maxRequestedMoves} moves`);
  }
  return problems;
}

/** Requested moves whose shard, replica or node the fleet does not have. Problems: SHARD_NOT_FOUND, NODE_NOT_FOUND. */
export function unknownIds(moves: readonly RequestedMove[], snapshot: Snapshot): readonly Problem[] {
  const nodes = new Set(snapshot.nodes.map((node) => node.id));
  const wanted = new Set(moves.map((move) => move.shard));
  const shards = new Map<string, number>();
  snapshot.shards.ids.forEach((id, index) => {
    if (wanted.has(id)) shards.set(id, index);
  });
  return moves.flatMap((move, place): Problem[] => {
    const field = `moves[${place}]`;
    const problems: Problem[] = [];
    const shard = shards.get(move.shard);
    if (shard === undefined) {
      const message = `the namespace has no shard ${move.shard}`;
      problems.push({ code: 'SHARD_NOT_FOUND', message, field: `${field}.shard`, value: move.shard });
    } else if (!hasReplica(snapshot, shard, move.replica)) {
      const message = `shard ${move.shard} has no replica ${move.replica}`;
      problems.push({ code: 'SHARD_NOT_FOUND', message, field: `${field}.replica`, value: move.replica });
    }
    if (!nodes.has(move.destination)) {
      const message = `the fleet has no node ${move.destination}`;
      problems.push({
        code: 'NODE_NOT_FOUND',
        message,
        field: `${field}.destination`,
        value: move.destination,
      });
    }
    return problems;
  });
}

function hasReplica({ shards }: Snapshot, shard: number, number: number): boolean {
  for (let row = shards.replicaOffsets[shard] ?? 0; row < (shards.replicaOffsets[shard + 1] ?? 0); row++) {
    if (shards.replicaNumbers[row] === number) return true;
  }
  return false;
}
