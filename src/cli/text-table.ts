import Table from 'cli-table3';
import { visibleText } from './visible-text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly value: (row: Row) => string;
  /** Colours the value, which says what it says without. */
  readonly paint?: (value: string, row: Row) => string;
}

/** Columns separated by two blanks, no borders: easy on the eye and for `awk`. Ends with a line break. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: Iterable<Row>): string {
  const table = new Table({
    head: columns.map((column) => column.title),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push(columns.map((column) => cell(column, row)));
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** One line, whoever wrote it: a row stays a row. */
function cell<Row>({ value, paint }: Column<Row>, row: Row): string {
  const text = visibleText(value(row));
  return paint?.(text, row) ?? text;
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
