/** The one source of time: everything outside `base/` and the adapters takes a `Clock` instead of asking the machine. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never goes back. For measuring how long something took. */
  monotonic(): number;
  /**
   * Resolves after `ms` milliseconds, or at once when `signal` aborts. Resolves rather than rejects on abort, so
   * that loops read `while (!signal.aborted) { ...; await clock.sleep(ms, signal); }`.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `action` once after `ms` milliseconds unless the returned function is called first. */
  schedule(ms: number, action: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(done, Math.min(ms, maxTimerMs));
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done, { once: true });
    });
  },
  schedule(ms, action) {
    const timer = setTimeout(action, Math.min(ms, maxTimerMs));
    return () => clearTimeout(timer);
  },
};

/** The longest delay a timer of the runtime takes (2^31 - 1 ms); longer ones would fire at once. */
const maxTimerMs = 2_147_483_647;
