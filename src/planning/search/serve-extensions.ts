import { createChange } from '../change.ts';
import type { ColdNodes } from './cold-nodes.ts';
import { createPeakGuard } from './peak-guard.ts';
import { negligible, type SearchEngine } from './search-engine.ts';

/** Destinations per replica at first; all of them when those have nothing. */
const windowSize = 24;

/** Rounds over the candidates: one move may make another worthwhile. */
const maxRounds = 3;

/**
 * Terms of extensions want what the descent does not look for: it begins at nodes with too much load. Each candidate of
 * such a term goes to the destination that is best for the objective as a whole, if that is worth its price. Does nothing
 * without such terms. O(candidates × window), and × nodes for those that find nothing near.
 */
export function serveExtensions(engine: SearchEngine, cold: ColdNodes): void {
  const { state } = engine;
  const { problem } = state;
  const terms = engine.terms.filter((term) => term.extension !== undefined);
  if (terms.length === 0) return;
  const keepsPeak = createPeakGuard(state, engine.factors);
  const change = createChange();
  const window = new Int32Array(windowSize);

  function candidates(): Iterable<number> {
    const named = new Set<number>();
    for (const term of terms) {
      if (!term.candidates) return Array.from({ length: problem.replicaCount }, (_, replica) => replica);
      term.candidates((replica) => named.add(replica));
    }
    return named;
  }

  /** The best of these destinations, or -1; ties go to the first. */
  function bestOf(replica: number, destinations: Int32Array, count: number): number {
    let best = 0;
    let chosen = -1;
    for (let i = 0; i < count && !engine.isSpent(); i++) {
      if (destinations[i] === state.nodeOf[replica]) continue;
      const score = engine.score(state.relocation(change, replica, destinations[i]));
      if (score <= best || !engine.isWorthwhile(change)) continue;
      // What lessens an excess outranks the peak; what only makes the balance better does not.
      if (engine.deltas.excess > -negligible && !keepsPeak(change)) continue;
      if (!engine.admits(change) || !engine.isWorthwhile(change)) continue;
      best = score;
      chosen = destinations[i];
    }
    return chosen;
  }

  function place(replica: number): boolean {
    if (problem.immobile[problem.shardOf[replica]] !== 0) return false;
    const size = cold.window(state.nodeOf[replica], windowSize, window);
    let destination = bestOf(replica, window, size);
    if (destination < 0) {
      const all = cold.all();
      destination = bestOf(replica, all, all.length);
    }
    if (destination < 0) return false;
    engine.apply(state.relocation(change, replica, destination));
    return true;
  }

  for (let round = 0; round < maxRounds && !engine.isSpent(); round++) {
    let placed = 0;
    for (const replica of candidates()) if (!engine.isSpent() && place(replica)) placed += 1;
    if (placed === 0) return;
  }
}
