import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyStoredChain } from '../../audit/verify-chain.ts';
import { openSqliteStore } from './open-sqlite-store.ts';
import type { SqliteStore } from './sqlite-store.ts';

const parent = mkdtempSync(join(tmpdir(), 'store-crash-'));
afterAll(() => rmSync(parent, { recursive: true }));

/** Runs the writer until it acknowledged so many batches, then kills it; returns what it acknowledged. */
async function writeAndKill(path: string, first: number, batches: number): Promise<string[]> {
  const writer = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'crash-writer.testing.ts'), path, String(first)],
    {
      stdout: 'pipe',
      stderr: 'inherit',
    },
  );
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of writer.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split('\n').length > batches) writer.kill('SIGKILL');
  }
  await writer.exited;
  // What follows the last line end was cut off in the middle of being printed.
  return text.split('\n').slice(0, -1);
}

async function open(path: string): Promise<SqliteStore> {
  const opened = await openSqliteStore({ path });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function storedPlans(store: SqliteStore): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const page = await store.plans({ pageSize: 500, cursor });
    if (!page.ok) throw new Error(page.error.message);
    ids.push(...page.value.items.map((plan) => plan.id));
    cursor = page.value.nextCursor;
  } while (cursor !== '');
  return ids;
}

describe('a store whose process was killed', () => {
  test('holds every acknowledged batch whole, none in part, and a chain that verifies, again and again', async () => {
    const path = join(parent, 'data');
    const acknowledged: string[] = [];
    for (const [round, batches] of [40, 170, 90].entries()) {
      acknowledged.push(...(await writeAndKill(path, round * 1_000_000, batches)));
      const store = await open(path);
      const ids = await storedPlans(store);
      expect(new Set(ids).size).toBe(ids.length);
      const missing = acknowledged.filter((id) => !ids.includes(id));
      expect(missing).toEqual([]);
      for (const id of ids) {
        expect(await store.journal(id)).toHaveLength(1);
        expect(await store.auditRecords({ subject: `plan/${id}`, limit: 10 })).toHaveLength(1);
      }
      expect(await store.eventHead()).toBe(ids.length);
      const chain = await verifyStoredChain(store);
      expect(chain.ok && chain.value.sequence).toBe(ids.length);
      await store.close();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(300);
  }, 30_000);
});
