import { describe, expect, test } from 'bun:test';
import type { Plan } from '../../domain/plan.ts';
import {
  sampleDeadLetter,
  sampleEvent,
  samplePlan,
  sampleSnapshot,
  sampleTime,
} from '../../ports/store-samples.testing.ts';
import { openMemoryStore } from './open-sqlite-store.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Whether a snapshot that a plan refers to is still there after so long. */
async function survives(
  plan: Partial<Plan>,
  afterMs: number,
  as: 'before' | 'after' = 'before',
): Promise<boolean> {
  const store = openMemoryStore({ clock: { now: () => sampleTime } });
  const snapshot = sampleSnapshot(1);
  const reference =
    as === 'before' ? { snapshotDigest: snapshot.digest } : { afterSnapshotDigest: snapshot.digest };
  await store.commit({ snapshots: [snapshot], plans: [samplePlan('p1', { ...plan, ...reference })] });
  await store.prune(sampleTime + afterMs);
  return (await store.snapshot(snapshot.digest)) !== undefined;
}

describe('retention', () => {
  test('keeps the snapshots of plans that ran or may run for good', async () => {
    expect(await survives({ status: 'pendingApproval' }, 1_000 * day)).toBe(true);
    expect(await survives({ status: 'completed', startedAt: sampleTime }, 1_000 * day)).toBe(true);
    expect(await survives({ status: 'cancelled', startedAt: sampleTime }, 1_000 * day, 'after')).toBe(true);
  });

  test('keeps the snapshots of dry runs and of plans that never started for a week', async () => {
    for (const status of ['draft', 'expired', 'rejected'] as const) {
      expect(await survives({ status }, 6 * day)).toBe(true);
      expect(await survives({ status }, 8 * day)).toBe(false);
    }
  });

  test('drops a snapshot that nothing refers to after an hour', async () => {
    const store = openMemoryStore({ clock: { now: () => sampleTime } });
    const snapshot = sampleSnapshot(1);
    await store.commit({ snapshots: [snapshot] });
    expect((await store.prune(sampleTime + hour - 1)).snapshots).toBe(0);
    expect((await store.prune(sampleTime + hour + 1)).snapshots).toBe(1);
    expect(await store.snapshot(snapshot.digest)).toBeUndefined();
  });

  test('drops expired idempotency keys and old move traces, and a bounded number of rows at a time', async () => {
    const store = openMemoryStore({ clock: { now: () => sampleTime } });
    const keys = Array.from({ length: 1_200 }, (_, index) => ({
      key: `k${index}`,
      requestDigest: 'd',
      subject: 'plan/p1',
      expiresAt: sampleTime + 1 + index,
    }));
    await store.commit({ idempotency: keys });
    expect((await store.prune(sampleTime + 5_000)).idempotencyKeys).toBe(1_000);
    expect(await store.idempotency('k1100')).toBeDefined();
    expect((await store.prune(sampleTime + 5_000)).idempotencyKeys).toBe(200);
  });

  test('drops dead letters that are too old, and the oldest of a webhook that has too many', async () => {
    const store = openMemoryStore({ clock: { now: () => sampleTime }, retention: { deadLetters: 3 } });
    const letters = Array.from({ length: 6 }, (_, index) => sampleDeadLetter(index + 1));
    await store.commit({ deadLetters: [...letters, sampleDeadLetter(1, { webhook: 'chat' })] });
    expect((await store.prune(sampleTime)).deadLetters).toBe(3);
    const kept = await store.deadLetters({ cluster: 'c1', webhook: 'pager', limit: 10 });
    expect(kept.map((letter) => letter.event.sequence)).toEqual([4, 5, 6]);
    expect((await store.prune(sampleTime + 29 * day)).deadLetters).toBe(0);
    expect((await store.prune(sampleTime + 31 * day)).deadLetters).toBe(4);
  });

  test('keeps at least the window of events that was asked for, and not much more', async () => {
    const store = openMemoryStore({ retention: { events: 1_000 } });
    for (let commits = 0; commits < 40; commits++) {
      await store.commit({ events: Array.from({ length: 100 }, () => sampleEvent()) });
    }
    expect(await store.eventHead()).toBe(4_000);
    const retained = await store.events({ after: 3_000, limit: 10_000 });
    expect(retained.ok && retained.value).toHaveLength(1_000);
    const dropped = await store.events({ after: 2_000, limit: 10_000 });
    expect(!dropped.ok && dropped.error.code).toBe('RESUME_TOKEN_INVALID');
  });
});
