import type { Clock } from '../base/clock.ts';

/** Wakes one waiting loop: whatever happened while it was busy is not missed. */
export interface Bell {
  ring(): void;
  /** Resolves when the bell rings, at once when it rang since the last wait, and after `ms` milliseconds at the latest. */
  wait(ms: number): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    async wait(ms) {
      await clock.sleep(ms, rung.signal);
      if (rung.signal.aborted) rung = new AbortController();
    },
  };
}
