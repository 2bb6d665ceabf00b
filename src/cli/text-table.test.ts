import { expect, test } from 'bun:test';
import { textTable } from './text-table.ts';

test('columns line up, numbers to the right, without trailing blanks', () => {
  const table = textTable(
    [
      { title: 'NODE', value: (row: { name: string; load: number }) => row.name },
      { title: 'LOAD', align: 'right', value: (row) => row.load.toFixed(1) },
      { title: 'NOTE', value: () => '' },
    ],
    [
      { name: 'n1', load: 9.25 },
      { name: 'node-twelve', load: 110 },
    ],
  );
  expect(table).toBe('NODE          LOAD  NOTE\nn1             9.3\nnode-twelve  110.0\n');
});

test('a table without rows is its head', () => {
  expect(textTable([{ title: 'ID', value: () => '' }], [])).toBe('ID\n');
});
