import type { Clock } from '../../base/clock.ts';
import type { BatchOrigin } from '../../ports/telemetry-intake.ts';
import { createSequenceWindow, type SequenceWindow } from './sequence-window.ts';

/** Every source that pushes, and how far it has come. */
export interface SourceTable {
  /**
   * The source's window in a stream of batches that are numbered on their own (kind and namespace); a new one after its
   * restart. 'replaced' for a batch of an earlier incarnation, 'full' when it would be one source too many.
   */
  windowOf(stream: string, origin: BatchOrigin): SequenceWindow | 'replaced' | 'full';
  size(): number;
}

interface Source {
  incarnation: number;
  window: SequenceWindow;
  usedAt: number;
}

/** Sources held; each costs some 400 bytes. An agent is one per kind and namespace that it pushes. */
export const maxSources = 131_072;
/** A source that is silent for so long is forgotten: what it repeats afterwards is told apart by its samples' times. */
export const idleSourceMs = 15 * 60_000;

export function createSourceTable(clock: Clock, limit = maxSources): SourceTable {
  // In order of last use, the longest ago first.
  const sources = new Map<string, Source>();

  function forgetIdle(): void {
    for (const [key, source] of sources) {
      if (clock.now() - source.usedAt < idleSourceMs) return;
      sources.delete(key);
    }
  }

  return {
    windowOf(stream, { principal, source, incarnation }) {
      const key = JSON.stringify([stream, principal, source]);
      const known = sources.get(key);
      if (known && incarnation < known.incarnation) return 'replaced';
      if (!known) {
        forgetIdle();
        if (sources.size >= limit) return 'full';
      }
      const entry = known ?? { incarnation, window: createSequenceWindow(), usedAt: 0 };
      if (incarnation > entry.incarnation) {
        entry.incarnation = incarnation;
        entry.window = createSequenceWindow();
      }
      entry.usedAt = clock.now();
      sources.delete(key);
      sources.set(key, entry);
      return entry.window;
    },
    size: () => sources.size,
  };
}
