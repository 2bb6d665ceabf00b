import { describe, expect, test } from 'bun:test';
import type { OpenStore } from './store-contract.testing.ts';
import { worlds } from './store-contract.testing.ts';
import {
  sampleIncident,
  sampleJournalEntry,
  samplePlan,
  samplePolicy,
  sampleSnapshot,
  sampleTime,
} from './store-samples.testing.ts';

/** Reads say what is there, frozen, in the order promised. */
export function readContract(open: OpenStore): void {
  describe('reads', () => {
    const world = worlds(open);

    test('answer undefined or nothing where there is nothing', async () => {
      const { store } = await world();
      expect(await store.plan('p1')).toBeUndefined();
      expect(await store.planContent('sha256:x')).toBeUndefined();
      expect(await store.snapshot('sha256:x')).toBeUndefined();
      expect(await store.policy('c1', 'orders')).toBeUndefined();
      expect(await store.policy('c1', 'orders', 3)).toBeUndefined();
      expect(await store.incident('i1')).toBeUndefined();
      expect(await store.idempotency('k')).toBeUndefined();
      expect(await store.journal('p1')).toEqual([]);
      expect(await store.policies()).toEqual([]);
      expect(await store.controllers()).toEqual([]);
      expect(await store.eventHead()).toBe(0);
    });

    test('give values that nobody can change', async () => {
      const { store } = await world();
      await store.commit({ plans: [samplePlan('p1')], snapshots: [sampleSnapshot(1)] });
      const plan = await store.plan('p1');
      expect(() => Object.assign(plan?.summary ?? {}, { moves: 2 })).toThrow(TypeError);
      expect(() => Object.assign(plan?.approvals ?? [], [{}])).toThrow(TypeError);
      const snapshot = await store.snapshot(sampleSnapshot(1).digest);
      expect(() => Object.assign(snapshot?.nodes[0] ?? {}, { zone: 'z9' })).toThrow(TypeError);
    });

    test('do not share with the writer: what it changes afterwards is not stored', async () => {
      const { store } = await world();
      const labels: Record<string, string> = { reason: 'first' };
      const receipt = await store.commit({
        events: [{ at: 1, type: 'planCreated', cluster: 'c1', namespace: 'n', subject: 's', data: labels }],
      });
      labels.reason = 'second';
      expect(receipt.ok && receipt.value.events[0]?.data).toEqual({ reason: 'first' });
    });

    test('give the journal of one plan in the order written', async () => {
      const { store } = await world();
      const entries = (['prepare', 'drain', 'transfer', 'verify', 'release'] as const).map((step) =>
        sampleJournalEntry({ step }),
      );
      for (const entry of entries) {
        await store.commit({ journal: [entry, sampleJournalEntry({ planId: 'other' })] });
      }
      expect(await store.journal('p1')).toEqual(entries);
    });

    test('give the newest policy of each namespace, and any revision', async () => {
      const { store } = await world();
      const second = samplePolicy({ revision: 2, overlay: { mode: 'automatic' } });
      const ofCluster = samplePolicy({ namespace: '' });
      await store.commit({ policies: [samplePolicy(), second, ofCluster] });
      expect(await store.policy('c1', 'orders')).toEqual(second);
      expect(await store.policy('c1', 'orders', 1)).toEqual(samplePolicy());
      expect(await store.policies()).toEqual([ofCluster, second]);
      expect(await store.policyRevisions('c1', 'orders')).toEqual([samplePolicy(), second]);
    });

    test('give incidents by cluster, and the open ones alone', async () => {
      const { store } = await world();
      const closed = sampleIncident('i1', { revision: 2, closedAt: sampleTime + 1, closedBy: 'bob' });
      const later = sampleIncident('i0', { openedAt: sampleTime + 5 });
      const elsewhere = sampleIncident('i3', { cluster: 'c2', openedAt: sampleTime + 6 });
      await store.commit({ incidents: [sampleIncident('i1'), later, elsewhere] });
      await store.commit({ incidents: [closed] });
      expect(await store.incidents({ cluster: 'c1' })).toEqual([closed, later]);
      expect(await store.incidents({ openOnly: true })).toEqual([later, elsewhere]);
      expect(await store.incidents({ cluster: 'c2', openOnly: true })).toEqual([elsewhere]);
      expect(await store.incidents({})).toHaveLength(3);
    });

    test('give moves that ended at or after a time, oldest first', async () => {
      const { store } = await world();
      const at = (time: number, moveId: string, namespace = 'orders') => ({
        cluster: 'c1',
        namespace,
        planId: 'p1',
        moveId,
        shard: 's1',
        replica: 0,
        source: 'n1',
        destination: 'n2',
        at: time,
      });
      await store.commit({ moveTraces: [at(30, 'm3'), at(10, 'm1'), at(20, 'm2'), at(25, 'x', 'users')] });
      const since = await store.moveTraces('c1', 'orders', 20);
      expect(since.map((trace) => trace.moveId)).toEqual(['m2', 'm3']);
    });

    test('give a snapshot of many shards back bit by bit', async () => {
      const { store } = await world();
      const snapshot = sampleSnapshot(0.1 + 0.2, 20_000);
      await store.commit({ snapshots: [snapshot] });
      await store.commit({ snapshots: [snapshot] });
      expect(await store.snapshot(snapshot.digest)).toEqual(snapshot);
    });
  });
}
