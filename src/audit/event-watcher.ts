import type { MeshEvent } from '../domain/event.ts';
import { ProblemError } from '../domain/problem.ts';

/** The live end of one watch: a bounded buffer between the feed's reader and whoever watches. */
export interface Watcher {
  /** Keeps the event if it is wanted; cuts the watcher off when its buffer is full. False once it is over. */
  offer(event: MeshEvent): boolean;
  /** The next event; undefined when the watch has ended. Throws `ProblemError` WATCHER_TOO_SLOW once cut off. */
  next(): Promise<MeshEvent | undefined>;
  cutOff(): void;
  fail(thrown: unknown): void;
  end(): void;
}

export interface WatchFilter {
  readonly namespace?: string;
  readonly subject?: string;
}

/**
 * @param from position up to which the watcher has seen everything
 * @param capacity events that may wait
 */
export function createWatcher(filter: WatchFilter, from: number, capacity: number): Watcher {
  let buffer: MeshEvent[] = [];
  /** Where reading of the buffer goes on: cheaper than shifting it. */
  let head = 0;
  let delivered = from;
  let ended = false;
  let failure: { readonly thrown: unknown } | undefined;
  let wakeUp = (): void => {};

  function fail(thrown: unknown): void {
    failure ??= { thrown };
    buffer = [];
    head = 0;
    wakeUp();
  }

  function take(): MeshEvent | undefined {
    const event = buffer[head];
    if (!event) return undefined;
    head++;
    if (head === buffer.length) {
      buffer = [];
      head = 0;
    }
    delivered = event.sequence;
    return event;
  }

  function cutOff(): void {
    fail(
      new ProblemError({
        code: 'WATCHER_TOO_SLOW',
        message: `more than ${capacity} events waited; the last one delivered was ${delivered}`,
        value: delivered,
        limit: capacity,
        remedy: `Resume after position ${delivered}.`,
      }),
    );
  }

  return {
    cutOff,
    fail,
    offer(event) {
      if (failure || ended) return false;
      if (event.sequence <= from || !matches(filter, event)) return true;
      if (buffer.length - head >= capacity) {
        cutOff();
        return false;
      }
      buffer.push(event);
      wakeUp();
      return true;
    },
    async next() {
      for (;;) {
        if (failure) throw failure.thrown;
        if (ended) return undefined;
        const event = take();
        if (event) return event;
        await new Promise<void>((resolve) => {
          wakeUp = resolve;
        });
      }
    },
    end() {
      ended = true;
      wakeUp();
    },
  };
}

function matches(filter: WatchFilter, event: MeshEvent): boolean {
  return (
    (filter.namespace === undefined || filter.namespace === event.namespace) &&
    (filter.subject === undefined || filter.subject === event.subject)
  );
}
