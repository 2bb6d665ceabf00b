import type { CaseLine } from './bench-line.ts';

const columns: readonly (readonly [string, (line: CaseLine) => string])[] = [
  ['case', (line) => line.case],
  ['replicas', (line) => count(line.replicas)],
  ['nodes', (line) => count(line.nodes)],
  ['ms', (line) => count(line.millis)],
  ['x previous', (line) => (line.timesPrevious === undefined ? '' : String(line.timesPrevious))],
  ['MiB', (line) => count(Number(line.peakRssBytes) / 1_048_576)],
  ['peak/mean', (line) => `${line.peakToMeanBefore} → ${line.peakToMean}`],
  ['gap', (line) => String(line.gap)],
  ['moves', (line) => count(line.moves)],
  ['bound', (line) => count(line.movesLowerBound)],
  ['waves', (line) => count(line.waves)],
  ['bar', (line) => (line.met === undefined ? '' : line.met ? 'met' : `missed: ${line.missed}`)],
];

/** The lines as a table for people: columns of equal width, numbers on the right. */
export function lineTable(lines: readonly CaseLine[]): string {
  const rows = [
    columns.map(([title]) => title),
    ...lines.map((line) => columns.map(([, cell]) => cell(line))),
  ];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 || column === row.length - 1
            ? cell.padEnd(widths[column])
            : cell.padStart(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function count(value: unknown): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return '';
  return number < 100 && !Number.isInteger(number)
    ? number.toFixed(1)
    : Math.round(number).toLocaleString('en-US');
}
