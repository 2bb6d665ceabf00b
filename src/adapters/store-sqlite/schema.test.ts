import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import {
  sampleDeadLetter,
  sampleIncident,
  samplePlan,
  sampleTime,
} from '../../ports/store-samples.testing.ts';
import { createIncidentRows } from './incidents.ts';
import { createPlanRows } from './plans.ts';
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

test('a plan of a version that said nothing of moves and budgets is read with what it did say', () => {
  const db = new Database(':memory:');
  migrate(db, 2);
  const { movesLowerBound, lowerBoundWithinBudget, lowerBoundBy, ...summary } = samplePlan('p1').summary;
  createPlanRows(db).write(samplePlan('p1'));
  const header = JSON.stringify({ ...samplePlan('p1'), summary: { ...summary, lowerBound: 1.25 } });
  db.query('UPDATE plans SET header = ?').run(header);
  migrate(db);
  expect(createPlanRows(db).get('p1')?.summary).toEqual({
    ...summary,
    lowerBound: 1.25,
    lowerBoundWithinBudget: 1.25,
    lowerBoundBy: 'unknown',
    movesLowerBound: 0,
  });
  db.close();
});
