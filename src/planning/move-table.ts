import type { Change } from './change.ts';
import type { PlacementState } from './placement-state.ts';
import type { PlannedMove } from './planned-move.ts';

/**
 * Moves by their index, what is asked of one beside each other: those of a large plan are tried all over memory, and an
 * object per move costs a miss for each look.
 */
export interface MoveTable {
  replicaOf(index: number): number;
  /** The node to which a move takes its replica or its shard's leadership, as things are. */
  destinationOf(index: number): number;
  /** The move as a change of the state as it is now; `scratch` holds dimensions numbers. */
  fill(index: number, change: Change, scratch: Float64Array): Change;
}

/** Numbers per move: replica, successor, destination (-1 for a transfer); a power of two. */
const stride = 4;

export function createMoveTable(state: PlacementState, moves: readonly PlannedMove[]): MoveTable {
  const { nodeOf } = state;
  const table = new Int32Array(moves.length * stride);
  for (let index = 0, at = 0; index < moves.length; index++, at += stride) {
    const move = moves[index];
    table[at] = move.replica;
    table[at + 1] = move.successor;
    table[at + 2] = move.to;
  }
  return {
    replicaOf: (index) => table[index * stride],
    destinationOf(index) {
      const to = table[index * stride + 2];
      return to >= 0 ? to : nodeOf[table[index * stride + 1]];
    },
    fill(index, change, scratch) {
      const at = index * stride;
      const to = table[at + 2];
      return to >= 0
        ? state.relocation(change, table[at], to)
        : state.transfer(change, table[at], table[at + 1], scratch);
    },
  };
}
