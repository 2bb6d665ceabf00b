import { afterEach } from 'bun:test';
import { createVirtualClock, type VirtualClock } from '../base/virtual-clock.ts';
import type { OpenedStore, OpenStore } from './store.contract.ts';
import { sampleTime } from './store.samples.ts';

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
