import type { JournalEntry } from '../domain/journal-entry.ts';
import type { Move, MoveState } from '../domain/move.ts';
import type { PlanContent, PlanProgress } from '../domain/plan.ts';
import { type MoveMeasurement, maxMeasurements, remainingTime, type WaveRest } from './eta.ts';
import { foldEntry, foldMoves, type MoveJournal, untouched } from './journal.ts';

/** Where every move of a running plan is: the journal folded, with counts and sums kept up to date entry by entry. */
export interface Board {
  journal(moveId: string): MoveJournal;
  fold(entry: JournalEntry): void;
  /** Moves whose last entry is not `ended`, in order, wave by wave. */
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
  const waveIndices = new Map(waves.map((wave, index) => [wave[0]?.wave ?? -1, index]));
  const rests = waves.map(restOf);
  const counts = new Map<MoveState, number>();
  const copies = new Map<string, number>();
  const measured: MoveMeasurement[] = [];
  let bytesDone = 0;

  for (const journal of journals.values()) changeCount(journal.progress.state, 1);
  for (const move of content.moves) if (hasEnded(move)) settle(move);

  function journalOf(moveId: string): MoveJournal {
    return journals.get(moveId) ?? untouched(moveId);
  }

  function hasEnded(move: Move): boolean {
    return journalOf(move.id).last?.kind === 'ended';
  }

  function changeCount(state: MoveState, by: number): void {
    counts.set(state, (counts.get(state) ?? 0) + by);
  }

  /** Takes an ended move out of what is left. */
  function settle(move: Move): void {
    const { progress } = journalOf(move.id);
    copies.delete(move.id);
    if (progress.state === 'done') {
      bytesDone += move.bytes;
      measured.push({ bytes: move.bytes, durationMs: progress.endedAt - progress.startedAt });
      if (measured.length > maxMeasurements) measured.shift();
    }
    const index = waveIndices.get(move.wave) ?? -1;
    const rest = rests[index];
    if (rest) rests[index] = { ...rest, moves: rest.moves - 1, bytes: rest.bytes - move.bytes };
  }

  function runningBytes(): number {
    let sum = 0;
    for (const bytes of copies.values()) sum += bytes;
    return sum;
  }

  return {
    journal: journalOf,
    waves,
    hasEnded,
    fold(entry) {
      const move = moves.get(entry.moveId);
      if (!move) return;
      const before = journalOf(move.id);
      const after = foldEntry(before, entry);
      journals.set(move.id, after);
      changeCount(before.progress.state, -1);
      changeCount(after.progress.state, 1);
      if (entry.kind === 'ended') settle(move);
    },
    count: (state) => counts.get(state) ?? 0,
    unfulfilled() {
      let count = 0;
      for (const { progress, last } of journals.values()) {
        const fulfilled = progress.state === 'done' || (progress.state === 'skipped' && !progress.failure);
        if (last?.kind !== 'ended' || !fulfilled) count++;
      }
      return count;
    },
    expectedVersion(move) {
      if (move.expectedVersion >= 0) return { kind: 'version', version: move.expectedVersion };
      const predecessor = predecessors.get(move.id);
      if (!predecessor) return { kind: 'version', version: move.expectedVersion };
      if (!hasEnded(predecessor)) return { kind: 'wait' };
      const version = journalOf(predecessor.id).progress.resultVersion;
      return version > 0 ? { kind: 'version', version } : { kind: 'never', predecessor };
    },
    copied(moveId, bytes) {
      copies.set(moveId, bytes);
    },
    progress(concurrency, assumedBytesPerSecond) {
      return {
        pending: counts.get('pending') ?? 0,
        running: counts.get('running') ?? 0,
        done: counts.get('done') ?? 0,
        failed: counts.get('failed') ?? 0,
        aborted: counts.get('aborted') ?? 0,
        skipped: counts.get('skipped') ?? 0,
        unknown: counts.get('unknown') ?? 0,
        bytesDone: bytesDone + runningBytes(),
        remaining: remainingTime({ waves: rests, measured, concurrency, assumedBytesPerSecond }),
      };
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

function restOf(wave: readonly Move[]): WaveRest {
  let bytes = 0;
  let largestBytes = 0;
  for (const move of wave) {
    bytes += move.bytes;
    largestBytes = Math.max(largestBytes, move.bytes);
  }
  return { moves: wave.length, bytes, largestBytes };
}
