import { getAbortSignalReason } from '@connectrpc/connect/protocol';

/** Lets a bounded number of calls pass at the same time; the others wait in the order in which they came. */
export interface Turnstile {
  /** Resolves when there is room; throws the signal's reason when that aborts first. The room is free again when it aborts. */
  enter(signal: AbortSignal): Promise<void>;
}

export function createTurnstile(max: number): Turnstile {
  const waiting = new Set<() => void>();
  let inside = 0;
  const leave = (): void => {
    inside -= 1;
    const [next] = waiting;
    next?.();
  };
  const pass = (signal: AbortSignal): void => {
    inside += 1;
    signal.addEventListener('abort', leave, { once: true });
  };
  return {
    async enter(signal) {
      if (signal.aborted) throw getAbortSignalReason(signal);
      if (inside < max) return pass(signal);
      await new Promise<void>((resolve, reject) => {
        const go = (): void => {
          waiting.delete(go);
          signal.removeEventListener('abort', giveUp);
          pass(signal);
          resolve();
        };
        const giveUp = (): void => {
          waiting.delete(go);
          reject(getAbortSignalReason(signal));
        };
        waiting.add(go);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
