import type { ObstacleCode } from '../domain/plan.ts';
import type { Change } from './change.ts';
import type { PlacementState } from './placement-state.ts';

/** Slack for shares of shards such as 0.1 × 30. */
const shareRounding = 1e-9;

/** What the plan has used of its budget; follows the state by itself. */
export interface PlanBudget {
  readonly moves: number;
  readonly bytes: number;
  readonly shards: number;
  /** Whether no move of another replica, or of another shard, fits any more. */
  isFull(): boolean;
  /** The bound that the change would break, or null. A replica that goes back home gives its share back. */
  refuses(change: Change): ObstacleCode | null;
  /** The same for one more move of a shard that the plan touches already (staging). */
  refusesStage(bytes: number): ObstacleCode | null;
  /** Books a staged move. */
  stage(bytes: number): void;
}

/** Starts with what the state differs from the snapshot by; a `fixed` task has no bounds here, its guardrails judge it. */
export function createPlanBudget(state: PlacementState): PlanBudget {
  const { problem, nodeOf, leads } = state;
  const { shards, shardCount, request } = problem;
  const { replicaNodes, replicaLeads } = shards;
  const limits = request.policy.budget;
  const bounded = request.task.kind === 'improve';
  const maxMoves = bounded ? limits.maxMoves : Number.POSITIVE_INFINITY;
  const maxBytes = bounded ? limits.maxBytes : Number.POSITIVE_INFINITY;
  const maxShards = bounded ? shardsOfShare(limits.maxShareOfShards, shardCount) : Number.POSITIVE_INFINITY;
  // Counted where shards are bounded: elsewhere they would be looked up all over memory, move by move, for nobody.
  const movesOfShard = maxShards < Number.POSITIVE_INFINITY ? new Int32Array(shardCount) : null;
  const leaderMoved = new Uint8Array(shardCount);
  let moves = 0;
  let bytes = 0;
  let touched = 0;

  for (let r = 0; r < problem.replicaCount; r++) {
    const relocated = nodeOf[r] !== replicaNodes[r];
    const demoted = replicaLeads[r] === 1 && leads[r] === 0;
    if (!relocated && !demoted) continue;
    const shard = problem.shardOf[r];
    const added = (relocated ? 1 : 0) + (demoted ? 1 : 0);
    if (demoted) leaderMoved[shard] = 1;
    moves += added;
    if (movesOfShard !== null) {
      if (movesOfShard[shard] === 0) touched += 1;
      movesOfShard[shard] += added;
    }
    if (relocated) bytes += shards.replicaBytes[r];
  }

  function effect(change: Change): number {
    if (change.kind === 'relocate') {
      const origin = shards.replicaNodes[change.replica];
      return (change.to === origin ? 0 : 1) - (change.from === origin ? 0 : 1);
    }
    const becomesInitial = shards.replicaLeads[change.partner] === 1;
    const shard = problem.shardOf[change.replica];
    return (becomesInitial ? 0 : 1) - leaderMoved[shard];
  }

  state.listen({
    settle(change) {
      if (change.kind === 'swap') return;
      const shard = problem.shardOf[change.replica];
      const added = effect(change);
      if (change.kind === 'transfer') leaderMoved[shard] = shards.replicaLeads[change.partner] === 1 ? 0 : 1;
      else bytes += added * shards.replicaBytes[change.replica];
      moves += added;
      if (movesOfShard === null) return;
      const before = movesOfShard[shard];
      movesOfShard[shard] += added;
      touched += (movesOfShard[shard] > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
    },
  });

  return {
    get moves() {
      return moves;
    },
    get bytes() {
      return bytes;
    },
    get shards() {
      return movesOfShard === null ? touchedShards(state) : touched;
    },
    // With every shard touched there is none left that the share could refuse.
    isFull: () => moves >= maxMoves || (touched >= maxShards && touched < shardCount),
    refuses(change) {
      const added = effect(change);
      if (added <= 0) return null;
      if (moves + added > maxMoves) return 'budgetMoves';
      const copied = change.kind === 'relocate' ? shards.replicaBytes[change.replica] : 0;
      if (bytes + copied > maxBytes) return 'budgetBytes';
      if (movesOfShard === null) return null;
      const isNew = movesOfShard[problem.shardOf[change.replica]] === 0;
      return isNew && touched + 1 > maxShards ? 'budgetShare' : null;
    },
    refusesStage(copied) {
      if (moves + 1 > maxMoves) return 'budgetMoves';
      return bytes + copied > maxBytes ? 'budgetBytes' : null;
    },
    stage(copied) {
      moves += 1;
      bytes += copied;
    },
  };
}

/** Shards that stand otherwise than in the snapshot. O(replicas). */
function touchedShards({ problem, nodeOf, leads }: PlacementState): number {
  const { replicaNodes, replicaLeads } = problem.shards;
  let touched = 0;
  let last = -1;
  for (let r = 0; r < problem.replicaCount; r++) {
    const shard = problem.shardOf[r];
    const differs = nodeOf[r] !== replicaNodes[r] || (replicaLeads[r] === 1 && leads[r] === 0);
    if (!differs || shard === last) continue;
    last = shard;
    touched += 1;
  }
  return touched;
}

/** Shards that a share allows; one may always move, as the guardrail has it, unless the share is 0. */
export function shardsOfShare(share: number, shardCount: number): number {
  // All of them is no bound: what has touched every shard may still move them.
  if (share >= 1) return Number.POSITIVE_INFINITY;
  return share === 0 ? 0 : Math.max(1, Math.floor(share * shardCount + shareRounding));
}
