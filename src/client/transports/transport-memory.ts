import type { Clock } from '../../base/clock.ts';
import type { DowngradeReason } from '../../domain/transport-downgrade.ts';

/** Where HTTP/3 did not work lately, so that the next connection does not wait for it again. */
export interface TransportMemory {
  /** Why HTTP/3 is not worth a try now; undefined: it is. */
  recall(origin: string): DowngradeReason | undefined;
  remember(origin: string, reason: DowngradeReason): void;
  forget(origin: string): void;
}

/** How long HTTP/3 is not tried again where it did not work. Networks change: laptops move, firewalls are opened. */
export const memoryTtlMs = 5 * 60_000;

/** Origins that are remembered; the oldest goes first. */
export const maxRemembered = 64;

export interface Remembered {
  readonly reason: DowngradeReason;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** For as long as the process lives. One memory can be shared by several clients. */
export function createTransportMemory(clock: Clock): TransportMemory {
  const entries = new Map<string, Remembered>();
  return memoryOver(
    clock,
    () => entries,
    () => {},
  );
}

/**
 * The rules, over entries that are kept somewhere.
 *
 * @param save called after a change
 */
export function memoryOver(
  clock: Clock,
  read: () => Map<string, Remembered>,
  save: (entries: ReadonlyMap<string, Remembered>) => void,
): TransportMemory {
  return {
    recall(origin) {
      const entry = read().get(origin);
      return entry && entry.until > clock.now() ? entry.reason : undefined;
    },
    remember(origin, reason) {
      const entries = read();
      entries.delete(origin);
      entries.set(origin, { reason, until: clock.now() + memoryTtlMs });
      for (const [oldest, { until }] of entries)
        if (entries.size > maxRemembered || until <= clock.now()) entries.delete(oldest);
      save(entries);
    },
    forget(origin) {
      const entries = read();
      if (entries.delete(origin)) save(entries);
    },
  };
}
