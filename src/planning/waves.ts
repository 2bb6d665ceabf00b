import { buildConstraints } from './build-constraints.ts';
import { type Change, createChange } from './change.ts';
import type { Constraint } from './constraint.ts';
import { createMoveGates } from './move-gates.ts';
import { type Attempt, createMoveQueue } from './move-queue.ts';
import { createMoveTable } from './move-table.ts';
import { createPlacementState } from './placement-state.ts';
import type { OrderedMove, PlannedMove } from './planned-move.ts';
import type { PlanningProblem } from './problem.ts';
import { createReadAhead } from './read-ahead.ts';
import { createStager } from './stage-move.ts';
import { blockedBy, changeOf, fillChange } from './try-move.ts';
import { createWaveCaps } from './wave-caps.ts';

export interface WaveOptions {
  /** Whether a move that nothing else lets pass may go through a third node; called with the bytes it would cost. */
  readonly mayStage: (bytes: number) => boolean;
  /** Whether the moves of a shard keep the order in which they are given. */
  readonly keepsOrder: boolean;
}

export interface WaveResult {
  /** By wave, within a wave as they were given. */
  readonly ordered: readonly OrderedMove[];
  /** Moves for which no order was found, with the rule that the last attempt met. */
  readonly dropped: readonly { readonly move: PlannedMove; readonly constraint: Constraint | null }[];
}

/** Parked moves that every wave tries again, beside one for each of its moves. */
const leastWoken = 8;

/**
 * Orders moves into few waves. While a wave is built, its moves are on hold: what arrives counts already, what leaves
 * counts still. A move joins when every rule holds in that worst state, so the rules hold whichever moves of the wave
 * have finished. Classes first, then by the resource that needs most waves (`move-queue.ts`); when nothing can go on,
 * moves go through third nodes (`stage-move.ts`), or are dropped. About O(moves × rules).
 *
 * @param moves in order of priority: by class, and of equal ones the first goes first
 */
export function orderIntoWaves(
  problem: PlanningProblem,
  moves: readonly PlannedMove[],
  options: WaveOptions,
): WaveResult {
  if (moves.length === 0) return { ordered: [], dropped: [] };
  const state = createPlacementState(problem);
  const constraints = buildConstraints(state, true);
  const caps = createWaveCaps(problem);
  const gates = createMoveGates(problem, moves, options.keepsOrder);
  const table = createMoveTable(state, moves);
  const queue = createMoveQueue(state, { given: moves, table }, gates, caps);
  const stager = createStager(state, constraints, queue, options.mayStage);
  const waveOfGroup = new Int32Array(moves.length).fill(-1);
  const started = new Int32Array(moves.length);
  let startedCount = 0;
  const change = createChange();
  const ahead = createReadAhead(state, 'load');
  const replicaStarted = (at: number): number => table.replicaOf(started[at]);
  const scratch = new Float64Array(problem.width);
  const ordered: OrderedMove[] = [];
  const legs: { readonly leg: PlannedMove; readonly index: number }[] = [];
  let wave = 0;

  /** @param index the move that the change belongs to */
  function attempt(index: number): Attempt {
    const group = gates.groupOf[index];
    if (blockedBy(constraints, change) !== null) return 'blocked';
    caps.take(change.from, change.to);
    state.hold(change);
    if (group >= 0) waveOfGroup[group] = wave;
    return 'taken';
  }

  function isCapped(index: number, from: number, to: number): boolean {
    // Most moves lack room for their nodes: then nobody looks up their shard.
    if (!caps.lets(from, to)) return true;
    const group = gates.groupOf[index];
    return group >= 0 && waveOfGroup[group] === wave;
  }

  function start(index: number, from: number, to: number): Attempt {
    if (isCapped(index, from, to)) return 'capped';
    table.fill(index, change, scratch);
    const result = attempt(index);
    if (result === 'taken') started[startedCount++] = index;
    return result;
  }

  /** Whether a leg joined the wave; it does unless legs before it have used up what it needs. */
  function startLeg(leg: PlannedMove, index: number): boolean {
    if (isCapped(index, state.nodeOf[leg.replica], leg.to)) return false;
    fillChange(state, leg, change, scratch);
    if (attempt(index) !== 'taken') return false;
    legs.push({ leg, index });
    return true;
  }

  /** Everything that waits has been tried in this very state when this leaves the wave empty. */
  function fill(): void {
    queue.visit(start);
    if (startedCount === 0 && queue.wake(moves.length) > 0) queue.visit(start);
    if (startedCount === 0) stager.stage(startLeg);
  }

  /** @param staged whether it is the first leg of a move */
  function settle(done: Change, staged: boolean): void {
    const { replica, partner, from, to } = done;
    if (done.kind === 'relocate') {
      ordered.push({ kind: 'relocate', replica, successor: replica, to, staged, wave });
    } else {
      ordered.push({ kind: 'transfer', replica, successor: partner, to: -1, staged, wave });
    }
    state.settle(done);
    state.keepHold(done);
    queue.departed(from);
    if (done.kind === 'transfer') queue.departed(to);
  }

  while (!queue.isEmpty()) {
    caps.begin();
    startedCount = 0;
    legs.length = 0;
    fill();
    if (startedCount + legs.length === 0) break;
    const inOrder = started.subarray(0, startedCount).sort();
    for (const { leg } of legs) settle(fillChange(state, leg, change, scratch), true);
    for (let at = 0; at < startedCount; at++) {
      ahead.walk(at, startedCount, replicaStarted);
      settle(table.fill(inOrder[at], change, scratch), false);
      gates.end(inOrder[at]);
    }
    // A lost replica is restored on the third node already: others of its shard need not wait until it goes on.
    for (const { index } of legs) {
      gates.end(index);
      queue.moved(index);
    }
    for (const index of inOrder) if (gates.groupOf[index] >= 0) queue.moved(index);
    queue.wake(leastWoken + startedCount);
    wave += 1;
  }
  const dropped = queue
    .rest()
    .map((move) => ({ move, constraint: blockedBy(constraints, changeOf(state, move)) }));
  return { ordered, dropped };
}
