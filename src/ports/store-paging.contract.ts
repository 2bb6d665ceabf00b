import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Plan } from '../domain/plan.ts';
import type { PlanStatus } from '../domain/plan-status.ts';
import type { PlanQuery, Store } from './store.ts';
import type { OpenStore } from './store-contract.testing.ts';
import { worlds } from './store-contract.testing.ts';
import { samplePlan } from './store-samples.testing.ts';

/** Pages that a test reads at most: more means that paging does not end. */
const maxPages = 200;

async function allPages(store: Store, query: PlanQuery, between?: () => Promise<void>): Promise<Plan[]> {
  const plans: Plan[] = [];
  let cursor = '';
  for (let pages = 0; pages < maxPages; pages++) {
    const page = await store.plans({ ...query, cursor });
    if (!page.ok) throw new Error(page.error.message);
    expect(page.value.items.length).toBeLessThanOrEqual(query.pageSize);
    plans.push(...page.value.items);
    cursor = page.value.nextCursor;
    if (cursor === '') return plans;
    await between?.();
  }
  throw new Error('paging does not end');
}

const statuses = [
  'draft',
  'pendingApproval',
  'executing',
  'completed',
] as const satisfies readonly PlanStatus[];

/** Paging shows each plan once, whatever happens meanwhile. */
export function pagingContract(open: OpenStore): void {
  describe('listing plans', () => {
    const world = worlds(open);

    test('shows the oldest first where that is wanted, and a cursor belongs to its order', async () => {
      const { store } = await world();
      const ids = Array.from({ length: 9 }, (_, index) => `p${index}`);
      await store.commit({ plans: ids.map((id) => samplePlan(id)) });
      const listed = await allPages(store, { pageSize: 4, oldestFirst: true });
      expect(listed.map((plan) => plan.id)).toEqual(ids);
      const page = await store.plans({ pageSize: 4, oldestFirst: true });
      const turned = await store.plans({ pageSize: 4, cursor: page.ok ? page.value.nextCursor : '' });
      expect(turned.ok ? '' : turned.error.code).toBe('CURSOR_INVALID');
    });

    test('shows each plan that was there exactly once, newest first, while others are inserted', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 7 }),
          fc.array(fc.constantFrom(...statuses), { maxLength: 30 }),
          fc.subarray([...statuses]),
          async (pageSize, present, wanted) => {
            const { store } = await world();
            await store.commit({
              plans: present.map((status, index) => samplePlan(`p${index}`, { status })),
            });
            let inserted = 0;
            const listed = await allPages(store, { pageSize, statuses: wanted }, async () => {
              const status = statuses[inserted % statuses.length] ?? 'draft';
              await store.commit({ plans: [samplePlan(`new${inserted++}`, { status })] });
            });
            const expected = present
              .map((status, index) => ({ id: `p${index}`, status }))
              .filter((plan) => wanted.length === 0 || wanted.some((status) => status === plan.status))
              .reverse();
            expect(listed.map((plan) => plan.id)).toEqual(expected.map((plan) => plan.id));
          },
        ),
        { numRuns: 25 },
      );
    });

    test('filters by cluster, namespace and status together', async () => {
      const { store } = await world();
      await store.commit({
        plans: [
          samplePlan('a', { namespace: 'orders', status: 'completed' }),
          samplePlan('b', { namespace: 'users', status: 'completed' }),
          samplePlan('c', { cluster: 'c2', status: 'completed' }),
          samplePlan('d', { namespace: 'orders', status: 'failed' }),
        ],
      });
      const ids = async (query: Partial<PlanQuery>) =>
        (await allPages(store, { pageSize: 10, ...query })).map((plan) => plan.id);
      expect(await ids({ cluster: 'c1', namespace: 'orders' })).toEqual(['d', 'a']);
      expect(await ids({ namespace: 'orders', statuses: ['completed', 'completed'] })).toEqual(['c', 'a']);
      expect(await ids({ cluster: 'c2', statuses: ['failed'] })).toEqual([]);
    });

    test('shows a plan under its present status', async () => {
      const { store } = await world();
      await store.commit({ plans: [samplePlan('p1')] });
      await store.commit({ plans: [samplePlan('p1', { revision: 2, status: 'approved' })] });
      expect(await allPages(store, { pageSize: 5, statuses: ['pendingApproval'] })).toEqual([]);
      expect(await allPages(store, { pageSize: 5, statuses: ['approved'] })).toHaveLength(1);
    });

    test('refuses a cursor of another query, an altered one and one that never was', async () => {
      const { store } = await world();
      await store.commit({ plans: Array.from({ length: 5 }, (_, index) => samplePlan(`p${index}`)) });
      const query: PlanQuery = { pageSize: 2, namespace: 'orders' };
      const first = await store.plans(query);
      const cursor = first.ok ? first.value.nextCursor : '';
      expect(cursor).not.toBe('');
      const abuses: PlanQuery[] = [
        { pageSize: 2, cursor },
        { pageSize: 2, namespace: 'users', cursor },
        { ...query, statuses: ['draft'], cursor },
        { ...query, cursor: `${cursor}A` },
        { ...query, cursor: cursor.slice(0, -1) },
        { ...query, cursor: 'nonsense' },
        { ...query, cursor: Buffer.from('3').toString('base64url') },
        { ...query, cursor: '-1' },
        { ...query, cursor: '€'.repeat(5_000) },
      ];
      for (const abuse of abuses) {
        const page = await store.plans(abuse);
        expect(!page.ok && page.error.code).toBe('CURSOR_INVALID');
      }
      expect((await store.plans({ ...query, pageSize: 3, cursor })).ok).toBe(true);
    });
  });
}
