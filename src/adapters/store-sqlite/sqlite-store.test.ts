import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeContract } from '../../ports/store.contract.ts';
import { openMemoryStore, openSqliteStore } from './open-sqlite-store.ts';
import type { SqliteStore } from './sqlite-store.ts';

storeContract('SQLite in memory', async (clock) => {
  const store = openMemoryStore({ clock });
  return { store, close: () => store.close() };
});

storeContract('SQLite in a data directory', async (clock) => {
  const parent = mkdtempSync(join(tmpdir(), 'store-'));
  const path = join(parent, 'data');
  async function open(): Promise<SqliteStore> {
    const opened = await openSqliteStore({ path, clock });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  }
  let store = await open();
  return {
    store,
    async close() {
      await store.close();
      rmSync(parent, { recursive: true });
    },
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
  };
});
