import { buildConstraints } from './build-constraints.ts';
import type { Change } from './change.ts';
import type { Constraint } from './constraint.ts';
import { createMoveQueue } from './move-queue.ts';
import { createPlacementState } from './placement-state.ts';
import type { OrderedMove, PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import { findStage } from './stage-move.ts';
import { blockedBy, changeOf } from './try-move.ts';
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
  const queue = createMoveQueue(problem, moves, options.keepsOrder);
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
