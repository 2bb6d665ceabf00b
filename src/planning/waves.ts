import { buildConstraints } from './build-constraints.ts';
import { type Change, createChange } from './change.ts';
import type { Constraint } from './constraint.ts';
import { createPlacementState, type PlacementState } from './placement-state.ts';
import type { OrderedMove, PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import { findStage } from './stage-move.ts';
import { createWaveCaps } from './wave-caps.ts';

/** Moves looked at for a wave that has some already: past that, what is left waits for the next wave. */
const maxScanPerWave = 2_048;

export interface WaveOptions {
  /** Whether a move that nothing else lets pass may go through a third node; called with the bytes it would cost. */
  readonly mayStage: (bytes: number) => boolean;
  /** Whether the moves of a shard keep the order in which they are given. */
  readonly keepsOrder: boolean;
}

export interface WaveResult {
  readonly ordered: readonly OrderedMove[];
  /** Moves for which no order was found, with the rule that the last attempt met. */
  readonly dropped: readonly { readonly move: PlannedMove; readonly constraint: Constraint | null }[];
}

/**
 * Orders moves into waves. While a wave is built, its moves are on hold: what arrives counts already, what leaves
 * counts still. A move joins when every rule holds in that worst state, so the rules hold whichever moves of the wave
 * have finished. Greedy by priority; a move that no order lets pass goes through a third node, or is dropped.
 * O(moves × moves looked at per wave).
 */
export function orderIntoWaves(
  problem: PlanningProblem,
  moves: readonly PlannedMove[],
  options: WaveOptions,
): WaveResult {
  const state = createPlacementState(problem);
  const constraints = buildConstraints(state, true);
  const caps = createWaveCaps(problem);
  const queue = createQueue(problem, moves, options.keepsOrder);
  const ordered: OrderedMove[] = [];
  for (let wave = 0; !queue.isEmpty(); wave++) {
    caps.begin();
    const running: Change[] = [];
    let scanned = 0;
    for (const index of queue.waiting()) {
      if (caps.isFull() || (running.length > 0 && scanned > maxScanPerWave)) break;
      scanned += 1;
      const move = queue.move(index);
      if (!queue.isReady(index)) continue;
      const change = changeOf(state, move);
      if (!caps.lets(change) || blockedBy(constraints, change)) continue;
      caps.take(change);
      state.hold(change);
      running.push(change);
      ordered.push({ ...move, wave });
      queue.start(index);
    }
    if (running.length === 0) {
      const stage = findStage(state, constraints, queue, options.mayStage);
      if (!stage) break;
      queue.stage(stage.index, stage.move);
      continue;
    }
    for (const change of running) state.settle(change);
    queue.endWave();
  }
  const waves = renumber(ordered);
  const dropped = queue
    .rest()
    .map((move) => ({ move, constraint: blockedBy(constraints, changeOf(state, move)) }));
  return { ordered: waves, dropped };
}

/** The first rule that the change would break now, or null. */
export function blockedBy(constraints: readonly Constraint[], change: Change): Constraint | null {
  for (const constraint of constraints)
    if (constraint.delta(change) === Number.POSITIVE_INFINITY) return constraint;
  return null;
}

/** The move as a change of the state as it is now. */
export function changeOf(state: PlacementState, move: PlannedMove): Change {
  return move.kind === 'relocate'
    ? state.relocation(createChange(), move.replica, move.to)
    : state.transfer(createChange(), move.replica, move.successor, new Float64Array(state.problem.width));
}

/** Waves without gaps: an attempt that only staged something made none. */
function renumber(ordered: readonly OrderedMove[]): OrderedMove[] {
  let wave = -1;
  let last = -1;
  return ordered.map((move) => {
    if (move.wave !== last) {
      last = move.wave;
      wave += 1;
    }
    return { ...move, wave };
  });
}

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

function createQueue(
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
