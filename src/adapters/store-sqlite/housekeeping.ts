import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { SqliteStore } from './sqlite-store.ts';

export interface HousekeepingDeps {
  readonly store: Pick<SqliteStore, 'prune'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Between two rounds; what is deleted has been superfluous for an hour at least, so that nothing presses. */
const intervalMs = 60_000;

/** Prunes the store from time to time until the signal aborts; a round that fails is logged and the next one tries again. */
export async function keepHouse({ store, clock, log, signal }: HousekeepingDeps): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal);
    if (signal.aborted) return;
    try {
      const { snapshots, moveTraces, idempotencyKeys, deadLetters } = await store.prune(clock.now());
      if (snapshots + moveTraces + idempotencyKeys + deadLetters > 0) {
        log.debug('pruned the store', { snapshots, moveTraces, idempotencyKeys, deadLetters });
      }
    } catch (thrown) {
      log.error('cannot prune the store', {
        message: thrown instanceof Error ? thrown.message : String(thrown),
      });
    }
  }
}
