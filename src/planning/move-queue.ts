import type { PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';

/** The moves that wait, in order of priority, and which of them may go. */
export interface MoveQueue {
  isEmpty(): boolean;
  /** Indices that wait, in order; stays valid while moves are started. */
  waiting(): Iterable<number>;
  move(index: number): PlannedMove;
  isReady(index: number): boolean;
  wasStaged(index: number): boolean;
  start(index: number): void;
  endWave(): void;
  /** Puts a leg through a third node before the waiting move. */
  stage(index: number, leg: PlannedMove): void;
  rest(): PlannedMove[];
}

/** @param keepsOrder whether the moves of a shard keep the order in which they are given */
export function createMoveQueue(
  problem: PlanningProblem,
  given: readonly PlannedMove[],
  keepsOrder: boolean,
): MoveQueue {
  const moves = [...given];
  let order = moves.map((_, index) => index);
  const started = new Set<number>();
  const staged = new Set<number>();
  const inFlight = new Set<number>();
  const shardOf = (index: number): number => problem.shardOf[moves[index].replica];
  const before = predecessors();
  let live = moves.length;
  let startedSinceSweep = 0;

  function predecessors(): Int32Array {
    const last = new Map<number, number>();
    const result = new Int32Array(moves.length).fill(-1);
    if (!keepsOrder) return result;
    for (let index = 0; index < moves.length; index++) {
      const shard = problem.shardOf[moves[index].replica];
      result[index] = last.get(shard) ?? -1;
      last.set(shard, index);
    }
    return result;
  }

  return {
    isEmpty: () => live === 0,
    *waiting() {
      for (const index of order) if (!started.has(index)) yield index;
    },
    move: (index) => moves[index],
    isReady(index) {
      if (inFlight.has(shardOf(index))) return false;
      const previous = before[index] ?? -1;
      return previous < 0 || started.has(previous);
    },
    wasStaged: (index) => staged.has(index),
    start(index) {
      started.add(index);
      inFlight.add(shardOf(index));
      live -= 1;
      startedSinceSweep += 1;
    },
    endWave() {
      inFlight.clear();
      // Sweeping once a good part has gone keeps the work per move constant.
      if (startedSinceSweep * 4 < order.length) return;
      order = order.filter((index) => !started.has(index));
      startedSinceSweep = 0;
    },
    stage(index, leg) {
      staged.add(index);
      const at = moves.length;
      moves.push(leg);
      staged.add(at);
      order.unshift(at);
      live += 1;
    },
    rest: () => order.filter((index) => !started.has(index)).map((index) => moves[index]),
  };
}
