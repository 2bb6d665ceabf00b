import type { ShardMover } from '../ports/shard-mover.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import type { Store } from '../ports/store.ts';
import type { ExecutionDeps } from './execution-deps.ts';

/** A process that dies at one of its calls to the outside: that call and all later ones never return. */
export interface MortalDeps {
  readonly deps: ExecutionDeps;
  died(): boolean;
  calls(): number;
}

/**
 * @param killAt number of the fatal call, from 1, over commits and calls of the mover
 * @param carriedOut whether the fatal call still takes effect
 */
export function mortal(deps: ExecutionDeps, killAt: number, carriedOut: boolean): MortalDeps {
  let calls = 0;
  let dead = false;
  const forever = new Promise<never>(() => {});

  async function live<T>(counts: boolean, call: () => Promise<T>): Promise<T> {
    if (dead) return forever;
    if (counts && ++calls === killAt) {
      dead = true;
      if (carriedOut) await call();
      return forever;
    }
    const answer = await call();
    return dead ? forever : answer;
  }

  const { mover, registry, store } = deps;
  const mortalMover: ShardMover = {
    prepare: (call, signal) => live(true, () => mover.prepare(call, signal)),
    drain: (call, signal) => live(true, () => mover.drain(call, signal)),
    transfer: (call, signal) => live(true, () => mover.transfer(call, signal)),
    release: (call, signal) => live(true, () => mover.release(call, signal)),
    abort: (call, signal) => live(true, () => mover.abort(call, signal)),
    status: (call, signal) => live(true, () => mover.status(call, signal)),
  };
  const mortalRegistry: ShardRegistry = {
    list: registry.list,
    watch: registry.watch,
    get: (name, shard, signal) => live(false, () => registry.get(name, shard, signal)),
  };
  const mortalStore: Store = {
    ...store,
    commit: (batch) => live(true, () => store.commit(batch)),
    plan: (id) => live(false, () => store.plan(id)),
  };
  return {
    deps: { ...deps, mover: mortalMover, registry: mortalRegistry, store: mortalStore },
    died: () => dead,
    calls: () => calls,
  };
}
