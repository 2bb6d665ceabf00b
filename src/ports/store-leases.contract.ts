import { describe, expect, test } from 'bun:test';
import type { Lease, Store } from './store.ts';
import type { OpenStore } from './store-contract.testing.ts';
import { worlds } from './store-contract.testing.ts';
import { samplePlan } from './store-samples.testing.ts';

async function take(store: Store, owner: string, now: number): Promise<Lease> {
  const lease = await store.acquireLease({ name: 'orders', owner, ttlMs: 10, now });
  if (!lease.ok) throw new Error(lease.error.message);
  return lease.value;
}

/** One owner at a time, and no write of an earlier one after a later one came. */
export function leaseContract(open: OpenStore): void {
  describe('leases', () => {
    const world = worlds(open);

    test('are renewed by their owner with the same token, also after they ran out unnoticed', async () => {
      const { store } = await world();
      expect(await take(store, 'a', 100)).toEqual({ name: 'orders', owner: 'a', token: 1, expiresAt: 110 });
      expect(await take(store, 'a', 105)).toEqual({ name: 'orders', owner: 'a', token: 1, expiresAt: 115 });
      expect((await take(store, 'a', 500)).token).toBe(1);
    });

    test('are refused to others while they last, and pass with a greater token when they do not', async () => {
      const { store } = await world();
      await take(store, 'a', 100);
      const refused = await store.acquireLease({ name: 'orders', owner: 'b', ttlMs: 10, now: 109 });
      expect(!refused.ok && refused.error.code).toBe('LEASE_LOST');
      expect((await take(store, 'b', 110)).token).toBe(2);
      expect((await take(store, 'a', 130)).token).toBe(3);
    });

    test('are free at once when they are released, and their tokens never go back', async () => {
      const { store, reopen } = await world();
      await store.releaseLease(await take(store, 'a', 100));
      const second = await take(store, 'b', 101);
      expect(second.token).toBe(2);
      await store.releaseLease(second);
      const again = reopen ? await reopen() : store;
      expect((await take(again, 'b', 102)).token).toBe(3);
    });

    test('are not taken from a successor by a late release', async () => {
      const { store } = await world();
      const first = await take(store, 'a', 100);
      const second = await take(store, 'b', 200);
      await store.releaseLease(first);
      const fence = { lease: 'orders', token: second.token, owner: 'b' };
      expect((await store.commit({ fence, plans: [samplePlan('p1')] })).ok).toBe(true);
    });

    test('fence off the writes of everybody but the owner with the newest token', async () => {
      const { store } = await world();
      const first = await take(store, 'a', 100);
      const second = await take(store, 'b', 200);
      const fences = [
        { lease: 'orders', token: first.token, owner: 'a' },
        { lease: 'orders', token: second.token, owner: 'a' },
        { lease: 'orders', token: second.token + 1, owner: 'b' },
        { lease: 'unknown', token: 1, owner: 'b' },
      ];
      for (const fence of fences) {
        const refused = await store.commit({ fence, plans: [samplePlan('p1')] });
        expect(!refused.ok && refused.error.code).toBe('LEASE_LOST');
      }
      expect(await store.plan('p1')).toBeUndefined();
    });

    test('are independent of each other by name', async () => {
      const { store } = await world();
      await take(store, 'a', 100);
      const other = await store.acquireLease({ name: 'users', owner: 'b', ttlMs: 10, now: 100 });
      expect(other.ok && other.value.token).toBe(1);
    });
  });
}
