import type { Clock } from './clock.ts';

/** News that many may wait for at a time; who does not wait misses it. `wake-up.ts` is for one who waits and misses none. */
export interface WakeUps {
  /** Ends every wait. */
  wake(): void;
  /** Resolves on `wake`, after `withinMs`, or when the signal aborts. */
  next(signal: AbortSignal, withinMs: number): Promise<void>;
}

export function createWakeUps(clock: Pick<Clock, 'schedule'>): WakeUps {
  const waiting = new Set<() => void>();
  return {
    wake() {
      for (const end of [...waiting]) end();
    },
    next(signal, withinMs) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const cancel = clock.schedule(withinMs, done);
        function done(): void {
          cancel();
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        }
        waiting.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
  };
}
