import type { LookAhead } from './move-lists.ts';
import type { MoveTable } from './move-table.ts';
import type { PlacementState } from './placement-state.ts';
import { createReadAhead } from './read-ahead.ts';

/** Entries of a list that are looked through for moves to read ahead, and moves that are read together. */
const mostLooked = 128;
const mostRead = 32;

/**
 * Reads what rules ask of the moves of a list that a scan will try next.
 *
 * @param isNext whether a move still waits and has room as things are
 * @param room moves that the list can give in this wave
 */
export function createLookAhead(
  state: PlacementState,
  table: MoveTable,
  isNext: (index: number) => boolean,
  room: () => number,
): LookAhead {
  const ahead = createReadAhead(state, 'rules');
  const soon = new Int32Array(mostRead);
  return (entries, at, end) => {
    const most = Math.min(room(), mostRead);
    const stop = Math.min(end, at + mostLooked);
    let found = 0;
    let next = at;
    for (; next < stop && found < most; next++) {
      if (isNext(entries[next])) soon[found++] = table.replicaOf(entries[next]);
    }
    // One alone is read as soon by who tries it.
    for (let k = 0; k < found && found > 1; k++) ahead.touch(soon[k]);
    return Math.max(next, at + 1);
  };
}
