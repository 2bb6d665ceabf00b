import type { Clock } from './clock.ts';

/** A wait that can be cut short: loops sleep until their next turn unless somebody has news for them. */
export interface WakeUp {
  /** Ends the current wait; without one, the next wait ends at once. */
  wake(): void;
  /** Resolves after `ms`, on `wake`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createWakeUp(clock: Clock): WakeUp {
  let pending = false;
  let end: (() => void) | undefined;
  return {
    wake() {
      pending = true;
      end?.();
    },
    async wait(ms, signal) {
      if (!pending && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const unschedule = clock.schedule(ms, done);
          function done(): void {
            unschedule();
            signal.removeEventListener('abort', done);
            end = undefined;
            resolve();
          }
          end = done;
          signal.addEventListener('abort', done, { once: true });
        });
      }
      pending = false;
    },
  };
}
