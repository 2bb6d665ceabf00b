import type { Clock } from './clock.ts';

/** A clock that moves only when told: the simulator and the tests run hours in milliseconds, the same way each time. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward by `ms`, firing every timer due on the way in order of due time, then of creation, and
   * letting everything that a timer woke run to its next wait before the following timer fires.
   */
  advance(ms: number): Promise<void>;
  /** Advances in steps of `stepMs` until `condition` holds; throws when it does not within `limitMs`. */
  advanceUntil(condition: () => boolean, limitMs: number, stepMs?: number): Promise<void>;
  /** Timers that wait; a test that ends with any has left something running. */
  pendingTimers(): number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/** @param startMs wall-clock milliseconds since the epoch at which the clock begins */
export function createVirtualClock(startMs = 1_700_000_000_000): VirtualClock {
  let now = startMs;
  let created = 0;
  const timers = new Set<Timer>();

  function add(ms: number, action: () => void): Timer {
    const timer = { at: now + Math.max(0, ms), order: created++, action };
    timers.add(timer);
    return timer;
  }

  function nextDue(limit: number): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of timers) {
      if (timer.at > limit) continue;
      if (!best || timer.at < best.at || (timer.at === best.at && timer.order < best.order)) best = timer;
    }
    return best;
  }

  async function advance(ms: number): Promise<void> {
    const end = now + ms;
    await settle();
    for (let timer = nextDue(end); timer; timer = nextDue(end)) {
      timers.delete(timer);
      now = timer.at;
      timer.action();
      await settle();
    }
    now = end;
  }

  return {
    now: () => now,
    monotonic: () => now - startMs,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = add(ms, done);
        function done(): void {
          timers.delete(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        }
        signal?.addEventListener('abort', done, { once: true });
      });
    },
    schedule(ms, action) {
      const timer = add(ms, action);
      return () => timers.delete(timer);
    },
    advance,
    async advanceUntil(condition, limitMs, stepMs = 100) {
      await settle();
      for (let passed = 0; !condition(); passed += stepMs) {
        if (passed >= limitMs) throw new Error(`the condition does not hold after ${limitMs} virtual ms`);
        await advance(stepMs);
      }
    },
    pendingTimers: () => timers.size,
  };
}

/** Two turns of the event loop: everything that can run without time passing has run by then. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
