import { describe } from 'bun:test';
import type { Clock } from '../base/clock.ts';
import type { Store } from './store.ts';
import { auditAndEventsContract } from './store-audit-events.contract.ts';
import { commitContract } from './store-commit.contract.ts';
import { leaseContract } from './store-leases.contract.ts';
import { pagingContract } from './store-paging.contract.ts';
import { readContract } from './store-reads.contract.ts';

/** A store to test, empty when it is opened. */
export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
  /** Closes and opens it again with what it held; absent where nothing outlives it. */
  reopen?(): Promise<Store>;
}

/** Opens a fresh store whose idea of the time is the clock's. */
export type OpenStore = (clock: Pick<Clock, 'now'>) => Promise<OpenedStore>;

/** What every store promises, whatever it is made of: each adapter's test runs this. */
export function storeContract(name: string, open: OpenStore): void {
  describe(`the store contract, ${name}`, () => {
    commitContract(open);
    readContract(open);
    pagingContract(open);
    auditAndEventsContract(open);
    leaseContract(open);
  });
}
