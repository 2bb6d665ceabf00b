import type { Clock } from '../base/clock.ts';

/** Reads an iterable with a limit on the time that one waits for the next item; nothing is lost when it passes. */
export interface Upcoming<T> {
  /** The next item: undefined at the end, 'later' when there was none in time or the signal aborted. */
  next(withinMs: number, signal: AbortSignal): Promise<{ readonly item: T } | undefined | 'later'>;
  /** Tells the iterable that nobody reads it any more. */
  leave(): void;
}

export function createUpcoming<T>(items: AsyncIterable<T>, clock: Clock): Upcoming<T> {
  const iterator = items[Symbol.asyncIterator]();
  let asked: Promise<IteratorResult<T>> | undefined;

  return {
    async next(withinMs, signal) {
      asked ??= iterator.next();
      const mine = asked;
      const over = new AbortController();
      const stop = (): void => over.abort();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      const late = clock.sleep(withinMs, over.signal).then(() => 'later' as const);
      try {
        const first = await Promise.race([mine, late]);
        // Another reader, of a stream that broke meanwhile, may have taken it.
        if (first === 'later' || asked !== mine) return 'later';
        asked = undefined;
        return first.done ? undefined : { item: first.value };
      } finally {
        stop();
        signal.removeEventListener('abort', stop);
      }
    },
    leave() {
      // Whoever waits for an item that never comes must not be waited for.
      iterator.return?.().catch(() => {});
      asked?.catch(() => {});
    },
  };
}
