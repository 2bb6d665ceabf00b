import { nextTurn } from '../base/next-turn.ts';
import type { Result } from '../base/result.ts';
import type { MeshEvent } from '../domain/event.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import type { Store } from '../ports/store.ts';
import { createWatcher, type Watcher } from './event-watcher.ts';

/** The one feed of everything that happens, for any number of watchers. */
export interface EventFeed {
  /**
   * Events after a position, then live ones, until the signal aborts. Throws `ProblemError`: RESUME_TOKEN_INVALID,
   * WATCHER_TOO_SLOW; the latter's `value` is the position to resume from.
   */
  watch(query: EventWatch, signal: AbortSignal): AsyncIterable<MeshEvent>;
  /** Position of the newest event; 0 when there is none. */
  head(): Promise<number>;
  /** Throws `ProblemError` RESUME_TOKEN_INVALID when nothing can be watched from that position any more, or yet. */
  requireRetained(position: number): Promise<void>;
}

export interface EventWatch {
  /** Undefined: from now on. */
  readonly after?: number;
  readonly namespace?: string;
  readonly subject?: string;
}

export interface EventFeedOptions {
  /** Events that wait for one watcher before it is cut off; from 1. */
  readonly bufferedEvents?: number;
  /** Events read from the store at a time; from 1. */
  readonly pageSize?: number;
}

/** A feed that can be ended with all its watchers. */
export interface StoreEventFeed extends EventFeed {
  close(): void;
  /** Watchers that follow live now. */
  liveWatchers(): number;
}

/** A second of a busy plan's events: a watcher that is further behind is not keeping up. */
const defaultBufferedEvents = 1_024;
const defaultPageSize = 1_000;
/** Watchers that are told of an event before others have a turn: about 4 ms. */
const watchersPerTurn = 250;

type EventStore = Pick<Store, 'events' | 'eventHead' | 'onEvents'>;

/**
 * One reader follows the store and hands every new event to the live watchers, so that a wake-up costs one read
 * however many watch. A watcher that begins in the past first reads by itself, up to where the reader is, and joins
 * it there: between the comparison and the joining nothing else runs, so that no event is missed or seen twice.
 */
export function createEventFeed(store: EventStore, options: EventFeedOptions = {}): StoreEventFeed {
  const capacity = options.bufferedEvents ?? defaultBufferedEvents;
  const pageSize = options.pageSize ?? defaultPageSize;
  const live = new Set<Watcher>();
  const reader = createReader(store, live, pageSize);
  let closed = false;

  async function* catchUp(query: EventWatch, from: number): AsyncGenerator<MeshEvent, number> {
    let position = from;
    do {
      const end = Math.max(reader.position(), position);
      const page = take(await store.events({ ...filterOf(query), after: position, limit: pageSize }));
      for (const event of page) {
        if (event.sequence > end) break;
        yield event;
      }
      const last = page.at(-1)?.sequence ?? 0;
      position = page.length < pageSize ? end : Math.min(last, end);
    } while (position < reader.position());
    return position;
  }

  async function* follow(
    query: EventWatch,
    start: Promise<number>,
    signal: AbortSignal,
  ): AsyncGenerator<MeshEvent> {
    await reader.start();
    const past = catchUp(query, await start);
    let step = await past.next();
    while (!step.done) {
      if (signal.aborted) return;
      yield step.value;
      step = await past.next();
    }
    if (signal.aborted || closed) return;
    const watcher = createWatcher(query, step.value, capacity);
    // Once per watch and not per wait: taking a listener off a signal that many share costs time.
    signal.addEventListener('abort', watcher.end, { once: true });
    live.add(watcher);
    try {
      for (let event = await watcher.next(); event && !signal.aborted; event = await watcher.next())
        yield event;
    } finally {
      live.delete(watcher);
      signal.removeEventListener('abort', watcher.end);
    }
  }

  return {
    watch(query, signal) {
      // Asked for at once: "from now on" means from this call and not from the first event taken.
      const start = query.after === undefined ? store.eventHead() : Promise.resolve(query.after);
      start.catch(() => {});
      return follow(query, start, signal);
    },
    head: () => store.eventHead(),
    async requireRetained(position) {
      take(await store.events({ after: position, limit: 1 }));
    },
    close() {
      closed = true;
      reader.stop();
    },
    liveWatchers: () => live.size,
  };
}

interface Reader {
  /** Begins to follow the store, once. */
  start(): Promise<void>;
  /** Up to here the live watchers have been told. */
  position(): number;
  stop(): void;
}

function createReader(store: EventStore, live: Set<Watcher>, pageSize: number): Reader {
  let position = 0;
  let reading = false;
  let wokenMeanwhile = false;
  let starting: Promise<void> | undefined;
  let stopListening = (): void => {};

  async function begin(): Promise<void> {
    stopListening = store.onEvents(() => void wake());
    position = Math.max(position, await store.eventHead());
  }

  async function wake(): Promise<void> {
    wokenMeanwhile = true;
    if (reading) return;
    reading = true;
    try {
      while (wokenMeanwhile) {
        wokenMeanwhile = false;
        await readOn();
      }
    } catch (thrown) {
      for (const watcher of live) watcher.fail(thrown);
    } finally {
      reading = false;
    }
  }

  async function readOn(): Promise<void> {
    for (;;) {
      if (live.size === 0) {
        position = Math.max(position, await store.eventHead());
        return;
      }
      const page = await store.events({ after: position, limit: pageSize });
      if (!page.ok) {
        // What lay between was pruned already: nobody who watches has kept up.
        for (const watcher of live) watcher.cutOff();
        position = await store.eventHead();
        return;
      }
      for (const event of page.value) {
        position = event.sequence;
        await offer(event);
      }
      if (page.value.length < pageSize) return;
    }
  }

  /** In turns, so that what the first ones are told is on its way while the others are told. */
  async function offer(event: MeshEvent): Promise<void> {
    let told = 0;
    // Whoever joins meanwhile has read the event already, and does not take it again.
    for (const watcher of live) {
      // One that is over goes at once: whoever does not take its events may never take the failure either.
      if (!watcher.offer(event)) live.delete(watcher);
      told += 1;
      if (told % watchersPerTurn === 0) await nextTurn();
    }
  }

  return {
    start() {
      starting ??= begin();
      return starting;
    },
    position: () => position,
    stop() {
      stopListening();
      for (const watcher of live) watcher.end();
    },
  };
}

function filterOf(query: EventWatch): { readonly namespace?: string; readonly subject?: string } {
  return {
    ...(query.namespace !== undefined && { namespace: query.namespace }),
    ...(query.subject !== undefined && { subject: query.subject }),
  };
}

function take(page: Result<readonly MeshEvent[], Problem>): readonly MeshEvent[] {
  if (!page.ok) throw new ProblemError(page.error);
  return page.value;
}
