import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { defaultRetention } from '../adapters/store-sqlite/prune.ts';
import { migrate } from '../adapters/store-sqlite/schema.ts';
import { createSqliteStore } from '../adapters/store-sqlite/sqlite-store.ts';
import { sampleAudit } from '../ports/store-samples.testing.ts';
import { exportAudit, verifyExport } from './export.ts';
import { auditPageSize, verifyStoredChain } from './verify-chain.ts';

/** A store with `records` audit records, and the database under it for those who tamper. */
async function storeWith(records: number) {
  const db = new Database(':memory:');
  migrate(db);
  const store = createSqliteStore({ db, now: () => 0, retention: defaultRetention, onClose: () => {} });
  const drafts = Array.from({ length: records }, (_, index) => sampleAudit({ reason: `because ${index}` }));
  await store.commit({ audit: drafts });
  return { store, db };
}

/** A little more than two pages, so that the verification must carry its state over. */
const many = 2 * auditPageSize + 5;

describe('the stored audit trail', () => {
  test('verifies over many pages, and when it is empty', async () => {
    const { store } = await storeWith(many);
    expect(await verifyStoredChain(store)).toEqual({ ok: true, value: await store.auditHead() });
    const empty = await storeWith(0);
    const verified = await verifyStoredChain(empty.store);
    expect(verified.ok && verified.value.sequence).toBe(0);
  });

  const tampering: readonly (readonly [string, string, number, RegExp])[] = [
    [
      'a reason was rewritten',
      "UPDATE audit SET record = json_set(record, '$.reason', 'x') WHERE sequence = 1500",
      1_500,
      /altered/,
    ],
    [
      'an actor was rewritten in the last record',
      `UPDATE audit SET record = json_set(record, '$.actor', 'x') WHERE sequence = ${many}`,
      many,
      /altered/,
    ],
    ['a record was deleted', 'DELETE FROM audit WHERE sequence = 1001', 1_001, /missing/],
    ['the end was cut off', 'DELETE FROM audit WHERE sequence > 1900', 1_901, /ends before/],
    ['everything was deleted', 'DELETE FROM audit', 1, /ends before/],
    [
      'two records were exchanged',
      `UPDATE audit SET record = (SELECT record FROM audit AS other WHERE other.sequence = 21 - audit.sequence)
       WHERE sequence IN (10, 11)`,
      10,
      /missing|number/,
    ],
  ];
  for (const [what, statement, sequence, why] of tampering) {
    test(`names the first record that does not fit when ${what}`, async () => {
      const { store, db } = await storeWith(many);
      db.run(statement);
      const verified = await verifyStoredChain(store);
      if (verified.ok) throw new Error('the tampering was not seen');
      expect(verified.error).toMatchObject({ code: 'AUDIT_CHAIN_BROKEN', subject: `audit/${sequence}` });
      expect(verified.error.message).toMatch(why);
    });
  }

  test('cannot have its filters tampered with apart from its records', async () => {
    const { db } = await storeWith(1);
    expect(() => db.run("UPDATE audit SET actor = 'nobody'")).toThrow(/generated/);
  });

  test('does not seal over a cut: what is appended afterwards leaves the gap to be seen', async () => {
    const { store, db } = await storeWith(10);
    db.run('DELETE FROM audit WHERE sequence > 7');
    await store.commit({ audit: [sampleAudit()] });
    const verified = await verifyStoredChain(store);
    expect(!verified.ok && verified.error.subject).toBe('audit/8');
  });
});

describe('an exported audit trail', () => {
  async function exported(records: number): Promise<string[]> {
    const { store } = await storeWith(records);
    return Array.fromAsync(exportAudit(store));
  }

  test('has one record a line and verifies without the store', async () => {
    const { store } = await storeWith(many);
    const lines = await Array.fromAsync(exportAudit(store));
    expect(lines).toHaveLength(many);
    expect(lines.join('').includes('\n')).toBe(false);
    expect(await verifyExport([...lines, ''])).toEqual({ ok: true, value: await store.auditHead() });
    expect(await verifyExport(exportAudit(store))).toEqual({ ok: true, value: await store.auditHead() });
  });

  test('names the line that is no record and the record that was altered', async () => {
    const lines = await exported(5);
    const cut = await verifyExport(lines.with(2, '{"sequence":3'));
    expect(!cut.ok && cut.error).toMatchObject({ code: 'INPUT_MALFORMED', field: 'line 3' });
    const altered = await verifyExport(lines.with(3, (lines[3] ?? '').replace('because 3', 'because 4')));
    expect(!altered.ok && altered.error).toMatchObject({ code: 'AUDIT_CHAIN_BROKEN', subject: 'audit/4' });
    for (const junk of ['[]', 'null', '7', '{}']) {
      const refused = await verifyExport([junk]);
      expect(!refused.ok && refused.error.code).toBe('INPUT_MALFORMED');
    }
  });

  test('does not begin in the middle', async () => {
    const lines = await exported(5);
    const verified = await verifyExport(lines.slice(1));
    expect(!verified.ok && verified.error.subject).toBe('audit/1');
  });
});
