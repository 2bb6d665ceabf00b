import type { Move, MoveProgress, MoveState } from '../domain/move.ts';
import type { PlanProgress } from '../domain/plan.ts';
import { type MoveMeasurement, maxMeasurements, remainingTime, type WaveRest } from './eta.ts';

/** Counts and sums over a plan's moves, kept up to date change by change: a large plan is not walked to report it. */
export interface MoveTally {
  enter(state: MoveState): void;
  leave(state: MoveState): void;
  count(state: MoveState): number;
  /** Takes a move that ended out of what is left. */
  settle(move: Move, progress: MoveProgress): void;
  /** Told while a destination copies. */
  copied(moveId: string, bytes: number): void;
  /** @param concurrency moves that may run at once */
  progress(concurrency: number, assumedBytesPerSecond: number): PlanProgress;
}

export function createTally(waves: readonly (readonly Move[])[]): MoveTally {
  const waveIndices = new Map(waves.map((wave, index) => [wave[0]?.wave ?? -1, index]));
  const rests = waves.map(restOf);
  const counts = new Map<MoveState, number>();
  const copies = new Map<string, number>();
  const measured: MoveMeasurement[] = [];
  let bytesDone = 0;

  const count = (state: MoveState): number => counts.get(state) ?? 0;

  return {
    count,
    enter: (state) => void counts.set(state, count(state) + 1),
    leave: (state) => void counts.set(state, count(state) - 1),
    copied: (moveId, bytes) => void copies.set(moveId, bytes),
    settle(move, progress) {
      copies.delete(move.id);
      if (progress.state === 'done') {
        bytesDone += move.bytes;
        measured.push({ bytes: move.bytes, durationMs: progress.endedAt - progress.startedAt });
        if (measured.length > maxMeasurements) measured.shift();
      }
      const index = waveIndices.get(move.wave) ?? -1;
      const rest = rests[index];
      if (rest) rests[index] = { ...rest, moves: rest.moves - 1, bytes: rest.bytes - move.bytes };
    },
    progress(concurrency, assumedBytesPerSecond) {
      let copying = 0;
      for (const bytes of copies.values()) copying += bytes;
      return {
        pending: count('pending'),
        running: count('running'),
        done: count('done'),
        failed: count('failed'),
        aborted: count('aborted'),
        skipped: count('skipped'),
        unknown: count('unknown'),
        bytesDone: bytesDone + copying,
        remaining: remainingTime({ waves: rests, measured, concurrency, assumedBytesPerSecond }),
      };
    },
  };
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
