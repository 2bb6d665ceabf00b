import { buildConstraints } from './build-constraints.ts';
import { createChange } from './change.ts';
import { createPlacementState } from './placement-state.ts';
import type { OrderedMove, PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import { blockedBy, fillChange } from './try-move.ts';
import { createWaveCaps } from './wave-caps.ts';

/**
 * Moves in waves without changing their order: a wave ends before the first move that cannot join it. Null when a move
 * cannot even begin a wave. The moves of a plan that was possible, taken back from the last to the first, always are:
 * between two of them the fleet is where it was then. O(moves × rules).
 */
export function wavesAsGiven(
  problem: PlanningProblem,
  moves: readonly PlannedMove[],
): readonly OrderedMove[] | null {
  const state = createPlacementState(problem);
  const constraints = buildConstraints(state, true);
  const caps = createWaveCaps(problem);
  const change = createChange();
  const scratch = new Float64Array(problem.width);
  const shards = new Set<number>();
  const ordered: OrderedMove[] = [];
  let settled = 0;
  let wave = 0;

  function settleWave(): void {
    for (; settled < ordered.length; settled++) {
      state.settle(fillChange(state, ordered[settled], change, scratch));
      state.keepHold(change);
    }
    shards.clear();
    caps.begin();
  }

  function joins(move: PlannedMove): boolean {
    const shard = problem.shardOf[move.replica];
    if (shards.has(shard)) return false;
    fillChange(state, move, change, scratch);
    if (!caps.lets(change.from, change.to) || blockedBy(constraints, change) !== null) return false;
    caps.take(change.from, change.to);
    state.hold(change);
    shards.add(shard);
    ordered.push({ ...move, wave });
    return true;
  }

  for (const move of moves) {
    if (joins(move)) continue;
    if (settled < ordered.length) wave += 1;
    settleWave();
    if (!joins(move)) return null;
  }
  return ordered;
}
