import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Fence } from '../execution/execution-deps.ts';
import type { Lease, Store } from '../ports/store.ts';

/** Keeps one lease: only its holder works on what it is for, and every write names its fencing token. */
export interface LeaseKeeper {
  /** Whether this process holds the lease and its time has not run out. */
  held(): boolean;
  /** For writes and mover calls; token 0, which every store refuses, while it was never held. */
  fence(): Fence;
  /** A write was refused as coming from an old holder. */
  markLost(): void;
  /** Takes and renews the lease until the signal aborts, then gives it back. */
  run(signal: AbortSignal): Promise<void>;
}

export interface LeaseKeeperDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** What it is for: `namespaceLease`, `webhookLease`. */
  readonly name: string;
  /** Unique per process. */
  readonly owner: string;
  readonly ttlMs?: number;
  /** Told when the lease is won and when it is lost. */
  readonly onChange: (held: boolean) => void;
}

/** Long enough for a garbage collection or a slow disk, short enough that a dead holder is followed in seconds. */
export const defaultLeaseTtlMs = 15_000;

/** The right to plan and move in a namespace. */
export function namespaceLease(cluster: string, namespace: string): string {
  return `namespace/${cluster}/${namespace}`;
}

/** The right to send the cluster's events to its webhooks. */
export function webhookLease(cluster: string): string {
  return `webhooks/${cluster}`;
}

/** Renewals per life of a lease: two may fail before it is lost. */
const renewalsPerTtl = 3;

export function createLeaseKeeper(deps: LeaseKeeperDeps): LeaseKeeper {
  const { store, clock, log, owner, name } = deps;
  const ttlMs = deps.ttlMs ?? defaultLeaseTtlMs;
  let lease: Lease | undefined;
  let told = false;

  const held = (): boolean => lease !== undefined && clock.now() < lease.expiresAt;

  function tell(): void {
    if (held() === told) return;
    told = held();
    log.info(told ? 'a lease was won' : 'a lease was lost', { lease: name, owner });
    deps.onChange(told);
  }

  async function renew(): Promise<void> {
    try {
      const taken = await store.acquireLease({ name, owner, ttlMs, now: clock.now() });
      if (taken.ok) lease = taken.value;
      else if (taken.error.code === 'LEASE_LOST') lease = undefined;
    } catch (error) {
      // The store may be away for a moment; the lease lives until its time is over.
      log.error('a lease could not be renewed', { lease: name, error: String(error) });
    }
    tell();
  }

  return {
    held,
    fence: () => ({ lease: name, owner, token: lease?.token ?? 0 }),
    markLost() {
      lease = undefined;
      tell();
    },
    async run(signal) {
      while (!signal.aborted) {
        await renew();
        await clock.sleep(ttlMs / renewalsPerTtl, signal);
      }
      const last = lease;
      lease = undefined;
      if (last) await store.releaseLease(last);
      tell();
    },
  };
}
