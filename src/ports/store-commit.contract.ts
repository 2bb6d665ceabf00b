import { describe, expect, test } from 'bun:test';
import type { CommitBatch } from './store.ts';
import type { OpenStore } from './store-contract.testing.ts';
import { worlds } from './store-contract.testing.ts';
import {
  sampleAudit,
  sampleController,
  sampleEvent,
  sampleIncident,
  sampleJournalEntry,
  samplePlan,
  samplePolicy,
  sampleSnapshot,
  sampleTime,
} from './store-samples.testing.ts';

const adminRecord = {
  cluster: 'c1',
  node: 'n1',
  adminState: 'draining',
  since: sampleTime,
  by: 'ann',
  reason: 'disk',
  revision: 1,
} as const;
const key = { key: 'k1', requestDigest: 'sha256:a', subject: 'plan/p1', expiresAt: sampleTime + 1_000 };
const trace = {
  cluster: 'c1',
  namespace: 'orders',
  planId: 'p1',
  moveId: 'm00001',
  shard: 's1',
  replica: 0,
  source: 'n1',
  destination: 'n2',
  at: sampleTime,
};

/** One of everything. */
const full: CommitBatch = {
  plans: [samplePlan('p1')],
  planContents: [{ digest: 'sha256:plan-p1', content: { moves: [], obstacles: [] } }],
  snapshots: [sampleSnapshot(1)],
  journal: [sampleJournalEntry()],
  moveTraces: [trace],
  policies: [samplePolicy()],
  incidents: [sampleIncident('i1')],
  controllers: [sampleController()],
  nodeAdminStates: [adminRecord],
  idempotency: [key],
  audit: [sampleAudit()],
  events: [sampleEvent()],
};

/** Commit is whole or not at all, and refuses what was made from an older state. */
export function commitContract(open: OpenStore): void {
  describe('commit', () => {
    const world = worlds(open);

    test('stores every part of a batch and tells the numbers it gave', async () => {
      const { store } = await world();
      const receipt = await store.commit(full);
      expect(receipt.ok && receipt.value.events.map((event) => event.sequence)).toEqual([1]);
      expect(receipt.ok && receipt.value.auditRecords.map((record) => record.sequence)).toEqual([1]);
      expect(await store.plan('p1')).toEqual(samplePlan('p1'));
      expect(await store.planContent('sha256:plan-p1')).toEqual({ moves: [], obstacles: [] });
      expect(await store.snapshot(sampleSnapshot(1).digest)).toEqual(sampleSnapshot(1));
      expect(await store.journal('p1')).toEqual([sampleJournalEntry()]);
      expect(await store.moveTraces('c1', 'orders', 0)).toEqual([trace]);
      expect(await store.policy('c1', 'orders')).toEqual(samplePolicy());
      expect(await store.incident('i1')).toEqual(sampleIncident('i1'));
      expect(await store.controllers()).toEqual([sampleController()]);
      expect(await store.nodeAdminStates('c1')).toEqual([adminRecord]);
      expect(await store.idempotency('k1')).toEqual(key);
    });

    test('keeps what was committed when the store is opened again', async () => {
      const { store, reopen } = await world();
      await store.commit(full);
      if (!reopen) return;
      const again = await reopen();
      expect(await again.plan('p1')).toEqual(samplePlan('p1'));
      expect(await again.snapshot(sampleSnapshot(1).digest)).toEqual(sampleSnapshot(1));
      expect(await again.eventHead()).toBe(1);
      const next = await again.commit({ audit: [sampleAudit()] });
      expect(next.ok && next.value.auditRecords[0]?.sequence).toBe(2);
    });

    const stale: readonly (readonly [string, CommitBatch])[] = [
      ['plan', { plans: [samplePlan('p1', { revision: 1 })] }],
      ['plan two revisions ahead', { plans: [samplePlan('p1', { revision: 3 })] }],
      ['new plan that does not begin at 1', { plans: [samplePlan('p9', { revision: 2 })] }],
      ['policy', { policies: [samplePolicy({ revision: 1 })] }],
      ['incident', { incidents: [sampleIncident('i1', { revision: 3 })] }],
      ['controller', { controllers: [sampleController({ revision: 1 })] }],
      ['node admin state', { nodeAdminStates: [{ ...adminRecord, revision: 1 }] }],
    ];
    for (const [what, batch] of stale) {
      test(`refuses a stale ${what} and stores nothing of its batch`, async () => {
        const { store } = await world();
        await store.commit(full);
        const refused = await store.commit({
          ...batch,
          journal: [sampleJournalEntry({ planId: 'p2' })],
          audit: [sampleAudit()],
          events: [sampleEvent()],
          snapshots: [sampleSnapshot(2)],
        });
        expect(!refused.ok && refused.error.code).toBe('REVISION_CONFLICT');
        expect(await store.journal('p2')).toEqual([]);
        expect(await store.snapshot(sampleSnapshot(2).digest)).toBeUndefined();
        expect(await store.eventHead()).toBe(1);
        expect((await store.auditHead()).sequence).toBe(1);
        expect(await store.plan('p1')).toEqual(samplePlan('p1'));
      });
    }

    test('names what is stale, with the revision that was expected', async () => {
      const { store } = await world();
      await store.commit(full);
      const refused = await store.commit({ plans: [samplePlan('p1', { revision: 5 })] });
      expect(!refused.ok && refused.error).toMatchObject({ subject: 'plan/p1', value: 5, limit: 2 });
    });

    test('takes several revisions of one thing in one batch, in order', async () => {
      const { store } = await world();
      const approved = samplePlan('p1', { revision: 2, status: 'approved' });
      expect((await store.commit({ plans: [samplePlan('p1'), approved] })).ok).toBe(true);
      expect((await store.plan('p1'))?.status).toBe('approved');
    });

    test('lets exactly one of many concurrent writers of a revision through', async () => {
      const { store } = await world();
      await store.commit({ plans: [samplePlan('p1')] });
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, writer) =>
          store.commit({
            plans: [samplePlan('p1', { revision: 2, createdBy: `writer ${writer}` })],
            audit: [sampleAudit({ actor: `writer ${writer}` })],
          }),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
      const [record] = await store.auditRecords({ limit: 10 });
      expect(await store.auditRecords({ limit: 10 })).toHaveLength(1);
      expect((await store.plan('p1'))?.createdBy).toBe(record?.actor ?? 'nobody');
    });

    test('keeps concurrent batches apart: one refused leaves the others whole', async () => {
      const { store } = await world();
      const outcomes = await Promise.all([
        store.commit({ plans: [samplePlan('a')], events: [sampleEvent({ subject: 'plan/a' })] }),
        store.commit({
          plans: [samplePlan('b', { revision: 7 })],
          events: [sampleEvent({ subject: 'plan/b' })],
        }),
        store.commit({ plans: [samplePlan('c')], events: [sampleEvent({ subject: 'plan/c' })] }),
      ]);
      expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
      const events = await store.events({ after: 0, limit: 10 });
      expect(events.ok && events.value.map((event) => event.subject)).toEqual(['plan/a', 'plan/c']);
      expect(await store.plan('b')).toBeUndefined();
    });

    test('throws on a value that cannot be stored, and leaves concurrent batches whole', async () => {
      const { store } = await world();
      const [bad, good] = await Promise.allSettled([
        store.commit({ plans: [samplePlan('a')], audit: [sampleAudit({ at: Number.NaN })] }),
        store.commit({ plans: [samplePlan('b')], audit: [sampleAudit()] }),
      ]);
      await expect(
        store.commit({ plans: [samplePlan('c', { seed: Number.POSITIVE_INFINITY })] }),
      ).rejects.toThrow(/seed/);
      expect(bad.status).toBe('rejected');
      expect(good.status).toBe('fulfilled');
      expect(await store.plan('a')).toBeUndefined();
      expect(await store.plan('b')).toBeDefined();
      expect((await store.auditHead()).sequence).toBe(1);
    });

    test('refuses to commit once it is closed, and may be closed twice', async () => {
      const { store } = await world();
      await store.close();
      await store.close();
      await expect(store.commit({ plans: [samplePlan('p1')] })).rejects.toThrow(/closed/);
    });

    test('refuses an idempotency key that stands for something else, until it expires', async () => {
      const { store, clock } = await world();
      await store.commit(full);
      const other = { ...key, subject: 'plan/p2', expiresAt: sampleTime + 9_000 };
      const refused = await store.commit({ idempotency: [other] });
      expect(!refused.ok && refused.error.code).toBe('REVISION_CONFLICT');
      await clock.advance(1_000);
      expect(await store.idempotency('k1')).toBeUndefined();
      expect((await store.commit({ idempotency: [other] })).ok).toBe(true);
      expect(await store.idempotency('k1')).toEqual(other);
    });
  });
}
