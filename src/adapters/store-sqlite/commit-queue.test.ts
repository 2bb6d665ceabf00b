import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { ProblemError } from '../../domain/problem.ts';
import { sampleAudit, sampleEvent, samplePlan, sampleSnapshot } from '../../ports/store-samples.testing.ts';
import { defaultRetention } from './prune.ts';
import { migrate } from './schema.ts';
import { createSqliteStore } from './sqlite-store.ts';

function storeAndDatabase() {
  const db = new Database(':memory:');
  migrate(db);
  const store = createSqliteStore({ db, now: () => 0, retention: defaultRetention, onClose: () => {} });
  return { db, store };
}

describe('committing to SQLite', () => {
  test('shares one transaction between the commits of one turn: listeners are woken once', async () => {
    const { store } = storeAndDatabase();
    let woken = 0;
    store.onEvents(() => woken++);
    await Promise.all(Array.from({ length: 10 }, () => store.commit({ events: [sampleEvent()] })));
    expect(woken).toBe(1);
    expect(await store.eventHead()).toBe(10);
  });

  test('refuses with STORAGE_FULL on a full disk, stores nothing, and goes on when there is room', async () => {
    const { db, store } = storeAndDatabase();
    await store.commit({ plans: [samplePlan('before')], audit: [sampleAudit()] });
    const pages = db.query<{ page_count: number }, []>('PRAGMA page_count').get()?.page_count ?? 0;
    db.run(`PRAGMA max_page_count = ${pages}`);
    const long = Array.from({ length: 2_000 }, (_, index) => sampleAudit({ reason: `reason ${index}` }));
    const outcomes = await Promise.all([
      store.commit({ plans: [samplePlan('big')], audit: long }),
      store.commit({
        snapshots: [sampleSnapshot(Math.PI, 50_000)],
        plans: [samplePlan('other')],
        audit: long,
      }),
    ]);
    expect(outcomes.map((outcome) => !outcome.ok && outcome.error.code)).toEqual([
      'STORAGE_FULL',
      'STORAGE_FULL',
    ]);
    expect(await store.plan('big')).toBeUndefined();
    expect((await store.auditHead()).sequence).toBe(1);
    db.run('PRAGMA max_page_count = 1000000');
    expect((await store.commit({ plans: [samplePlan('big')], audit: long })).ok).toBe(true);
  });

  test('commits what waits when it is closed', async () => {
    const { store } = storeAndDatabase();
    const committed = store.commit({ plans: [samplePlan('p1')] });
    await store.close();
    expect((await committed).ok).toBe(true);
  });

  test('answers a lease that the disk refuses with FILE_UNREADABLE', async () => {
    const { db, store } = storeAndDatabase();
    db.run('PRAGMA query_only = 1');
    const lease = await store.acquireLease({ name: 'orders', owner: 'a', ttlMs: 10, now: 0 });
    expect(!lease.ok && lease.error.code).toBe('FILE_UNREADABLE');
  });

  test('says that stored content is damaged rather than give it out', async () => {
    const { db, store } = storeAndDatabase();
    const snapshot = sampleSnapshot(1);
    const other = sampleSnapshot(2);
    await store.commit({
      snapshots: [snapshot, other],
      planContents: [{ digest: 'sha256:p', content: { moves: [], obstacles: [] } }],
    });
    db.run('UPDATE snapshots SET body = (SELECT body FROM snapshots WHERE digest = ?) WHERE digest = ?', [
      other.digest,
      snapshot.digest,
    ]);
    db.run('UPDATE plan_contents SET body = ?', [Bun.zstdCompressSync('{"moves":[],"obstacles":[1]}')]);
    const reads = [store.snapshot(snapshot.digest), store.planContent('sha256:p')];
    for (const read of reads) {
      const thrown = await read.catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(ProblemError);
      expect(thrown instanceof ProblemError && thrown.problems[0].code).toBe('DATA_DIRECTORY_CORRUPT');
    }
  });
});
