import { describe } from 'bun:test';
import { auditAndEventsContract } from './store-audit-events.contract.ts';
import { commitContract } from './store-commit.contract.ts';
import type { OpenStore } from './store-contract.testing.ts';
import { leaseContract } from './store-leases.contract.ts';
import { pagingContract } from './store-paging.contract.ts';
import { readContract } from './store-reads.contract.ts';
import { webhookContract } from './store-webhooks.contract.ts';

/** What every store promises, whatever it is made of: each adapter's test runs this. */
export function storeContract(name: string, open: OpenStore): void {
  describe(`the store contract, ${name}`, () => {
    commitContract(open);
    readContract(open);
    pagingContract(open);
    auditAndEventsContract(open);
    leaseContract(open);
    webhookContract(open);
  });
}
