import { Database } from 'bun:sqlite';
import { afterEach, describe, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleAudit, samplePlan } from '../../ports/store-samples.testing.ts';
import { openSqliteStore } from './open-sqlite-store.ts';
import { schemaVersion } from './schema.ts';
import type { SqliteStore } from './sqlite-store.ts';

const parents: string[] = [];
afterEach(() => {
  for (const parent of parents.splice(0)) rmSync(parent, { recursive: true, force: true });
});

function freshPath(): string {
  const parent = mkdtempSync(join(tmpdir(), 'data-directory-'));
  parents.push(parent);
  return join(parent, 'data');
}

async function open(path: string): Promise<SqliteStore> {
  const opened = await openSqliteStore({ path });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function refusal(path: string): Promise<string> {
  const opened = await openSqliteStore({ path });
  if (opened.ok) await opened.value.close();
  return opened.ok ? 'opened' : opened.error.code;
}

/** A closed store with one plan. */
async function madeAt(path: string): Promise<void> {
  const store = await open(path);
  await store.commit({ plans: [samplePlan('p1')], audit: [sampleAudit()] });
  await store.close();
}

function alterDatabase(path: string, ...statements: string[]): void {
  const db = new Database(join(path, 'store.sqlite'));
  for (const statement of statements) db.run(statement);
  db.run('PRAGMA journal_mode = DELETE');
  db.close();
}

/** Names and contents of everything in a directory. */
function contentsOf(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path).map((name) => [name, readFileSync(join(path, name)).toString('base64')]),
  );
}

describe('a data directory', () => {
  test('is made with everything above it, for its owner alone', async () => {
    const path = join(freshPath(), 'deep', 'deeper');
    const store = await open(path);
    await store.commit({ plans: [samplePlan('p1')] });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(path)) {
      expect(`${name} ${(statSync(join(path, name)).mode & 0o777).toString(8)}`).toBe(`${name} 600`);
    }
    expect(readdirSync(path)).toContain('store.sqlite-wal');
    await store.close();
  });

  test('may be an empty directory that exists, and is found again when it is opened again', async () => {
    const path = freshPath();
    mkdirSync(path);
    await madeAt(path);
    const store = await open(path);
    expect((await store.plan('p1'))?.id).toBe('p1');
    await store.close();
  });

  test('is locked while it is open: the message names the process that has it', async () => {
    const path = freshPath();
    const store = await open(path);
    const second = await openSqliteStore({ path });
    expect(!second.ok && second.error).toMatchObject({ code: 'DATA_DIRECTORY_LOCKED', value: process.pid });
    expect((await store.commit({ plans: [samplePlan('p1')] })).ok).toBe(true);
    await store.close();
    expect(await refusal(path)).toBe('opened');
  });

  test('is locked for another process, and free once that one was killed', async () => {
    const path = freshPath();
    const holder = Bun.spawn([process.execPath, join(import.meta.dir, 'crash-writer.testing.ts'), path], {
      stdout: 'pipe',
    });
    const reader = holder.stdout.getReader();
    await reader.read();
    const refused = await openSqliteStore({ path });
    expect(!refused.ok && refused.error).toMatchObject({ code: 'DATA_DIRECTORY_LOCKED', value: holder.pid });
    holder.kill('SIGKILL');
    await holder.exited;
    expect(await refusal(path)).toBe('opened');
  });

  test('frees the leases of the process that had it before, without turning a token back', async () => {
    const path = freshPath();
    const request = { name: 'orders', ttlMs: 60_000, now: 1_000 };
    const before = await open(path);
    expect(await before.acquireLease({ ...request, owner: 'a' })).toMatchObject({
      ok: true,
      value: { token: 1 },
    });
    await before.close();
    const after = await open(path);
    const fence = { lease: 'orders', token: 1, owner: 'a' };
    expect((await after.commit({ fence, plans: [samplePlan('p1')] })).ok).toBe(false);
    expect(await after.acquireLease({ ...request, owner: 'b' })).toMatchObject({
      ok: true,
      value: { token: 2 },
    });
    await after.close();
  });

  test('that holds something else is left as it is', async () => {
    const path = freshPath();
    mkdirSync(path);
    writeFileSync(join(path, 'family-photos.zip'), 'precious');
    const before = contentsOf(path);
    expect(await refusal(path)).toBe('DATA_DIRECTORY_FOREIGN');
    expect(contentsOf(path)).toEqual(before);
  });

  test('that holds development credentials alone is ours', async () => {
    const path = freshPath();
    mkdirSync(join(path, 'dev'), { recursive: true });
    expect(await refusal(path)).toBe('opened');
  });

  test('that is a file, or whose database is none, is foreign', async () => {
    const file = freshPath();
    writeFileSync(file, 'text');
    expect(await refusal(file)).toBe('DATA_DIRECTORY_FOREIGN');
    const path = freshPath();
    mkdirSync(path);
    writeFileSync(join(path, 'store.sqlite'), 'not a database at all');
    expect(await refusal(path)).toBe('DATA_DIRECTORY_FOREIGN');
    expect(readdirSync(path)).toEqual(['store.sqlite']);
  });

  test("that holds another program's database is left as it is", async () => {
    const path = freshPath();
    mkdirSync(path);
    alterDatabase(path, 'CREATE TABLE recipes (name TEXT)');
    const before = contentsOf(path);
    expect(await refusal(path)).toBe('DATA_DIRECTORY_FOREIGN');
    expect(contentsOf(path)).toEqual(before);
    rmSync(join(path, 'store.sqlite'));
    alterDatabase(path, 'PRAGMA application_id = 77');
    expect(await refusal(path)).toBe('DATA_DIRECTORY_FOREIGN');
  });

  test('of a newer program is refused with both versions, and not changed', async () => {
    const path = freshPath();
    await madeAt(path);
    alterDatabase(path, `PRAGMA user_version = ${schemaVersion + 1}`);
    const before = contentsOf(path)['store.sqlite'];
    const opened = await openSqliteStore({ path });
    expect(!opened.ok && opened.error).toMatchObject({
      code: 'DATA_DIRECTORY_NEWER',
      value: schemaVersion + 1,
      limit: schemaVersion,
    });
    expect(contentsOf(path)['store.sqlite']).toBe(before ?? '');
  });

  test('with a damaged database is refused', async () => {
    const head = freshPath();
    await madeAt(head);
    const bytes = readFileSync(join(head, 'store.sqlite'));
    writeFileSync(join(head, 'store.sqlite'), Buffer.concat([Buffer.alloc(100, 7), bytes.subarray(100)]));
    expect(await refusal(head)).toBe('DATA_DIRECTORY_CORRUPT');
    const middle = freshPath();
    await madeAt(middle);
    bytes.fill(0xff, 8_192, bytes.length - 4_096);
    writeFileSync(join(middle, 'store.sqlite'), bytes);
    expect(await refusal(middle)).toBe('DATA_DIRECTORY_CORRUPT');
  });

  test('that cannot be made says so, and leaves nothing behind', async () => {
    const file = freshPath();
    writeFileSync(file, 'text');
    expect(await refusal(join(file, 'below', 'a-file'))).toBe('FILE_UNREADABLE');
    expect(await refusal('/proc/meshkit-data')).toBe('FILE_UNREADABLE');
    expect(existsSync('/proc/meshkit-data')).toBe(false);
  });

  test('goes on after a crash in the middle of being made', async () => {
    const path = freshPath();
    mkdirSync(path);
    for (const name of ['lock.sqlite', 'store.sqlite', 'holder.pid']) writeFileSync(join(path, name), '');
    expect(await refusal(path)).toBe('opened');
  });
});
