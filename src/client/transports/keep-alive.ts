import type { Clock } from '../../base/clock.ts';

/** Counts calls in flight and pings while there are any, so that a dead path is noticed before a deadline is. */
export interface KeepAlive {
  begin(): void;
  end(): void;
  stop(): void;
}

export function createKeepAlive(clock: Clock, everyMs: number, ping: () => void): KeepAlive {
  let inFlight = 0;
  let cancel: (() => void) | undefined;
  const next = (): void => {
    cancel = clock.schedule(everyMs, () => {
      ping();
      next();
    });
  };
  const stop = (): void => {
    cancel?.();
    cancel = undefined;
  };
  return {
    begin() {
      inFlight += 1;
      if (!cancel) next();
    },
    end() {
      inFlight -= 1;
      if (inFlight === 0) stop();
    },
    stop,
  };
}
