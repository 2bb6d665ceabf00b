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

test('a value with line breaks and escapes stays one cell of one row', () => {
  const table = textTable(
    [
      { title: 'ID', value: (row: { id: string; note: string }) => row.id },
      { title: 'NOTE', value: (row) => row.note },
    ],
    [{ id: '1', note: 'x\n2  fine\u001b[2J' }],
  );
  expect(table).toBe('ID  NOTE\n1   x\\n2  fine\\u001b[2J\n');
});

test('colour comes from the column, never from the value', () => {
  const table = textTable(
    [{ title: 'STATE', value: (state: string) => state, paint: (text) => `<${text}>` }],
    ['\u001b[32mok'],
  );
  expect(table).toBe('STATE\n<\\u001b[32mok>\n');
});
