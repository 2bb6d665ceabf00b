import type { Clock } from '../../base/clock.ts';
import { createWakeUps } from '../../base/wake-ups.ts';

/**
 * Batches between those who push and those who read. Every reader gets every batch; what all of them have read is
 * dropped. When too much waits to be read, who pushes waits too, in order of arrival and for a bounded time.
 */
export interface PushQueue<T> {
  /**
   * Waits for room and then calls `make`, whose batch goes in; `undefined` adds nothing.
   *
   * @param size in samples
   * @returns whether there was room within `maxWaitMs`; `make` was called if and only if there was
   */
  offer(size: number, make: () => T | undefined, signal: AbortSignal): Promise<boolean>;
  /** Everything that is held, then what comes; ends when the signal aborts. */
  read(options: ReadOptions<T>): AsyncGenerator<T>;
  /** From 0 for empty to 1 for full and more. */
  fill(): number;
}

export interface ReadOptions<T> {
  readonly signal: AbortSignal;
  /** When nothing was pushed for so long, reading throws what `silent` makes. */
  readonly silenceMs: number;
  readonly silent: () => Error;
  /** What comes before everything else; from its call on nothing is missed. */
  readonly begin?: () => T;
}

export interface PushQueueOptions {
  readonly clock: Clock;
  /** Samples that wait to be read before who pushes waits; the last batch may go beyond it. */
  readonly maxSamples: number;
  /** Whether what comes is held for the first reader, or dropped as long as there is none. */
  readonly holdsUnread: boolean;
}

/** How long who pushes waits for room, and how many may at a time: each holds a batch in memory. */
export const maxWaitMs = 5_000;
export const maxWaiting = 64;
/** Items that are dropped before those behind them move up. */
const compactAt = 1_024;

interface Waiting<T> {
  readonly size: number;
  readonly make: () => T | undefined;
  readonly settle: (taken: boolean) => void;
}

/** A batch, and how many readers have not read it. */
interface Item<T> {
  readonly value: T;
  readonly size: number;
  unread: number;
}

export function createPushQueue<T>({ clock, maxSamples, holdsUnread }: PushQueueOptions): PushQueue<T> {
  let items: Item<T>[] = [];
  /** Index of the first item that is held; those before it are dropped now and then. */
  let head = 0;
  /** Position of `items[0]`: rises with every batch. */
  let base = 0;
  let samples = 0;
  let lastAt = clock.now();
  let readers = 0;
  const waiting = new Set<Waiting<T>>();
  const added = createWakeUps(clock);

  function add(size: number, make: () => T | undefined): void {
    const value = make();
    if (value === undefined) return;
    lastAt = clock.now();
    if (readers === 0 && !holdsUnread) return;
    items.push({ value, size, unread: readers });
    samples += size;
    added.wake();
  }

  /** Drops what everybody has read and lets in who waits. */
  function makeRoom(): void {
    while (head < items.length && items[head].unread === 0 && (readers > 0 || !holdsUnread)) {
      samples -= items[head].size;
      head++;
    }
    if (head === items.length || head >= compactAt) {
      items = items.slice(head);
      base += head;
      head = 0;
    }
    for (const next of waiting) {
      if (samples >= maxSamples) return;
      waiting.delete(next);
      add(next.size, next.make);
      next.settle(true);
    }
  }

  return {
    offer(size, make, signal) {
      if (samples < maxSamples && waiting.size === 0) {
        add(size, make);
        return Promise.resolve(true);
      }
      if (waiting.size >= maxWaiting || signal.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const entry: Waiting<T> = { size, make, settle };
        const cancel = clock.schedule(maxWaitMs, giveUp);
        function giveUp(): void {
          waiting.delete(entry);
          settle(false);
        }
        function settle(taken: boolean): void {
          cancel();
          signal.removeEventListener('abort', giveUp);
          resolve(taken);
        }
        waiting.add(entry);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
    async *read({ signal, silenceMs, silent, begin }) {
      if (lastAt + silenceMs <= clock.now()) throw silent();
      let position = base + head;
      readers++;
      for (const item of items.slice(head)) item.unread++;
      try {
        if (begin && !signal.aborted) yield begin();
        while (!signal.aborted) {
          const item = items[position - base];
          if (item) {
            yield item.value;
            item.unread--;
            position++;
            makeRoom();
            continue;
          }
          const leftMs = lastAt + silenceMs - clock.now();
          if (leftMs <= 0) throw silent();
          await added.next(signal, leftMs);
        }
      } finally {
        readers--;
        for (const item of items.slice(Math.max(0, position - base))) item.unread--;
        makeRoom();
      }
    },
    fill: () => samples / maxSamples,
  };
}
