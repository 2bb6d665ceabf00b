import type { PlacementState } from './placement-state.ts';

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

/** Notes in which order the search settled where each replica is. */
export function recordSequence(state: PlacementState): Float64Array {
  const sequence = new Float64Array(state.problem.replicaCount);
  let step = 0;
  state.listen({
    settle(change) {
      step += 1;
      sequence[change.replica] = step;
    },
  });
  return sequence;
}

/**
 * The moves from the snapshot to the state: off dead nodes first (redundancy is lost there already), then off
 * draining ones, then leadership, then the rest, each in the order in which the search found it.
 */
export function plannedMoves(state: PlacementState, sequence: Float64Array): PlannedMove[] {
  const { problem } = state;
  const { shards, request } = problem;
  const ranked: { readonly move: PlannedMove; readonly rank: number }[] = [];
  for (let r = 0; r < problem.replicaCount; r++) {
    const origin = shards.replicaNodes[r];
    if (state.nodeOf[r] !== origin) {
      const { status } = request.snapshot.nodes[origin];
      const rank = status === 'dead' || status === 'left' ? 0 : problem.nodes.vacate[origin] === 1 ? 1 : 3;
      ranked.push({
        move: { kind: 'relocate', replica: r, successor: r, to: state.nodeOf[r], staged: false },
        rank,
      });
    }
    if (shards.replicaLeads[r] === 1 && state.leads[r] === 0) {
      const successor = leaderOf(state, problem.shardOf[r]);
      ranked.push({ move: { kind: 'transfer', replica: r, successor, to: -1, staged: false }, rank: 2 });
    }
  }
  ranked.sort(
    (left, right) =>
      left.rank - right.rank ||
      sequence[left.move.replica] - sequence[right.move.replica] ||
      left.move.replica - right.move.replica,
  );
  return ranked.map((entry) => entry.move);
}

function leaderOf(state: PlacementState, shard: number): number {
  const offsets = state.problem.shards.replicaOffsets;
  for (let r = offsets[shard]; r < offsets[shard + 1]; r++) if (state.leads[r] === 1) return r;
  return -1;
}
