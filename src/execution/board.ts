import type { JournalEntry } from '../domain/journal-entry.ts';
import type { Move, MoveState } from '../domain/move.ts';
import type { PlanContent, PlanProgress } from '../domain/plan.ts';
import { foldEntry, foldMoves, type MoveJournal, untouched } from './journal.ts';
import { createTally } from './move-tally.ts';

/** Where every move of a running plan is: the journal folded, with counts and sums kept up to date entry by entry. */
export interface Board {
  journal(moveId: string): MoveJournal;
  fold(entry: JournalEntry): void;
  /** All moves in order, wave by wave. */
  readonly waves: readonly (readonly Move[])[];
  hasEnded(move: Move): boolean;
  count(state: MoveState): number;
  /** Moves that ended without their effect in place, for whatever reason. */
  unfulfilled(): number;
  /** Registry version that the move expects now; undefined while an earlier move of its shard has not ended. */
  expectedVersion(move: Move): ExpectedVersion;
  /** Told while a destination copies. */
  copied(moveId: string, bytes: number): void;
  progress(concurrency: number, assumedBytesPerSecond: number): PlanProgress;
}

export type ExpectedVersion =
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'wait' }
  /** The earlier move of the shard did not do its part. */
  | { readonly kind: 'never'; readonly predecessor: Move };

export function createBoard(content: PlanContent, entries: readonly JournalEntry[]): Board {
  const journals = foldMoves(content.moves, entries);
  const moves = new Map(content.moves.map((move) => [move.id, move]));
  const predecessors = findPredecessors(content.moves);
  const waves = splitIntoWaves(content.moves);
  const tally = createTally(waves);

  const journalOf = (moveId: string): MoveJournal => journals.get(moveId) ?? untouched(moveId);
  const hasEnded = (move: Move): boolean => journalOf(move.id).last?.kind === 'ended';

  for (const move of content.moves) {
    const { progress } = journalOf(move.id);
    tally.enter(progress.state);
    if (hasEnded(move)) tally.settle(move, progress);
  }

  return {
    journal: journalOf,
    waves,
    hasEnded,
    count: tally.count,
    copied: tally.copied,
    progress: tally.progress,
    fold(entry) {
      const move = moves.get(entry.moveId);
      if (!move) return;
      const before = journalOf(move.id);
      const after = foldEntry(before, entry);
      journals.set(move.id, after);
      tally.leave(before.progress.state);
      tally.enter(after.progress.state);
      if (entry.kind === 'ended') tally.settle(move, after.progress);
    },
    unfulfilled() {
      let count = 0;
      for (const { progress, last } of journals.values()) {
        const fulfilled = progress.state === 'done' || (progress.state === 'skipped' && !progress.failure);
        if (last?.kind !== 'ended' || !fulfilled) count++;
      }
      return count;
    },
    expectedVersion(move) {
      const predecessor = predecessors.get(move.id);
      if (move.expectedVersion >= 0 || !predecessor)
        return { kind: 'version', version: move.expectedVersion };
      if (!hasEnded(predecessor)) return { kind: 'wait' };
      const version = journalOf(predecessor.id).progress.resultVersion;
      return version > 0 ? { kind: 'version', version } : { kind: 'never', predecessor };
    },
  };
}

/** Of each move whose version is left by an earlier one, that earlier one. */
function findPredecessors(moves: readonly Move[]): Map<string, Move> {
  const lastOfShard = new Map<string, Move>();
  const predecessors = new Map<string, Move>();
  for (const move of moves) {
    const earlier = lastOfShard.get(move.shard);
    if (earlier) predecessors.set(move.id, earlier);
    lastOfShard.set(move.shard, move);
  }
  return predecessors;
}

function splitIntoWaves(moves: readonly Move[]): Move[][] {
  const byWave = new Map<number, Move[]>();
  for (const move of moves) {
    const wave = byWave.get(move.wave);
    if (wave) wave.push(move);
    else byWave.set(move.wave, [move]);
  }
  return [...byWave.entries()].sort(([left], [right]) => left - right).map(([, wave]) => wave);
}
