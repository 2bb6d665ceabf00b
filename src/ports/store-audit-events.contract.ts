import { describe, expect, test } from 'bun:test';
import { digestOfJson } from '../base/digest.ts';
import type { OpenStore } from './store-contract.testing.ts';
import { worlds } from './store-contract.testing.ts';
import { sampleAudit, sampleEvent } from './store-samples.testing.ts';

/** The audit chain and the event feed: numbered without gaps, in the order of the commits. */
export function auditAndEventsContract(open: OpenStore): void {
  describe('the audit trail', () => {
    const world = worlds(open);

    test('chains the records of concurrent commits without gaps', async () => {
      const { store } = await world();
      const start = await store.auditHead();
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          store.commit({ audit: [sampleAudit({ subject: `plan/${index}` }), sampleAudit()] }),
        ),
      );
      const records = await store.auditRecords({ limit: 1_000 });
      expect(records).toHaveLength(200);
      let previous = start.hash;
      for (const [index, { hash, ...rest }] of records.entries()) {
        expect(rest.sequence).toBe(index + 1);
        expect(rest.previousHash).toBe(previous);
        expect(hash).toBe(digestOfJson(rest));
        previous = hash;
      }
      expect(await store.auditHead()).toEqual({ sequence: 200, hash: previous });
    });

    test('is read by page and by filter, ascending', async () => {
      const { store } = await world();
      await store.commit({
        audit: [
          sampleAudit(),
          sampleAudit({ actor: 'bob', action: 'plan.approve' }),
          sampleAudit({ namespace: 'users', subject: 'plan/p2' }),
          sampleAudit({ actor: 'bob' }),
        ],
      });
      const numbers = async (query: Parameters<typeof store.auditRecords>[0]) =>
        (await store.auditRecords(query)).map((record) => record.sequence);
      expect(await numbers({ limit: 2 })).toEqual([1, 2]);
      expect(await numbers({ limit: 2, after: 2 })).toEqual([3, 4]);
      expect(await numbers({ limit: 9, actor: 'bob' })).toEqual([2, 4]);
      expect(await numbers({ limit: 9, actor: 'bob', action: 'plan.approve' })).toEqual([2]);
      expect(await numbers({ limit: 9, namespace: 'users' })).toEqual([3]);
      expect(await numbers({ limit: 9, subject: 'plan/p1', after: 2 })).toEqual([4]);
    });
  });

  describe('events', () => {
    const world = worlds(open);

    test('are numbered in the order of the commits and read after a position', async () => {
      const { store } = await world();
      await store.commit({ events: [sampleEvent(), sampleEvent({ subject: 'plan/p2' })] });
      await store.commit({ events: [sampleEvent({ namespace: 'users' })] });
      const sequences = async (query: Parameters<typeof store.events>[0]) => {
        const events = await store.events(query);
        return events.ok ? events.value.map((event) => event.sequence) : events.error.code;
      };
      expect(await sequences({ after: 0, limit: 10 })).toEqual([1, 2, 3]);
      expect(await sequences({ after: 1, limit: 1 })).toEqual([2]);
      expect(await sequences({ after: 0, limit: 10, namespace: 'orders' })).toEqual([1, 2]);
      expect(await sequences({ after: 0, limit: 10, subject: 'plan/p2' })).toEqual([2]);
      expect(await sequences({ after: 3, limit: 10 })).toEqual([]);
    });

    test('refuse a position from the future, and one that is none', async () => {
      const { store } = await world();
      await store.commit({ events: [sampleEvent()] });
      for (const after of [2, -1, 0.5, Number.NaN]) {
        const events = await store.events({ after, limit: 10 });
        expect(!events.ok && events.error.code).toBe('RESUME_TOKEN_INVALID');
      }
    });

    test('wake listeners after the commit that wrote them, and only then', async () => {
      const { store } = await world();
      const heads: Promise<number>[] = [];
      const stop = store.onEvents(() => heads.push(store.eventHead()));
      await store.commit({ events: [sampleEvent()] });
      await store.commit({ audit: [sampleAudit()] });
      await store.commit({ events: [sampleEvent()] });
      stop();
      await store.commit({ events: [sampleEvent()] });
      expect(await Promise.all(heads)).toEqual([1, 2]);
    });
  });
}
