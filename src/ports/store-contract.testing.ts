import { afterEach } from 'bun:test';
import type { Clock } from '../base/clock.ts';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import type { Store } from './store.ts';
import { sampleTime } from './store-samples.testing.ts';

/** A store to test, empty when it is opened. */
export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
  /** Closes and opens it again with what it held; absent where nothing outlives it. */
  reopen?(): Promise<Store>;
}

/** Opens a fresh store whose idea of the time is the clock's. */
export type OpenStore = (clock: Pick<Clock, 'now'>) => Promise<OpenedStore>;

/** A fresh store under a virtual clock per call; all are closed after each test. */
export interface World extends OpenedStore {
  readonly clock: VirtualClock;
}

export function worlds(open: OpenStore): () => Promise<World> {
  const opened: OpenedStore[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  return async () => {
    const clock = createVirtualClock(sampleTime);
    const world = await open(clock);
    opened.push(world);
    return { ...world, clock };
  };
}
