import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { sampleDeadLetter, sampleIncident, sampleTime } from '../../ports/store-samples.testing.ts';
import { createIncidentRows } from './incidents.ts';
import { defaultRetention } from './prune.ts';
import { migrate, schemaVersion, storedVersion } from './schema.ts';
import { createSqliteStore } from './sqlite-store.ts';

test('a database of the first version keeps what it holds and gets what came later', async () => {
  const db = new Database(':memory:');
  migrate(db, 1);
  expect(storedVersion(db)).toBe(1);
  createIncidentRows(db).write(sampleIncident('i1'));
  migrate(db);
  expect(storedVersion(db)).toBe(schemaVersion);
  const store = createSqliteStore({
    db,
    now: () => sampleTime,
    retention: defaultRetention,
    onClose: () => {},
  });
  expect(await store.incident('i1')).toEqual(sampleIncident('i1'));
  await store.commit({ deadLetters: [sampleDeadLetter(1)] });
  expect(await store.deadLetterCount('c1', 'pager')).toBe(1);
  await store.close();
});
