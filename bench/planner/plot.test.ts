import { expect, test } from 'bun:test';
import type { CaseLine } from './bench-line.ts';
import { renderPlot } from './plot.ts';
import { qualityPlot, timePlot } from './result-plots.ts';
import { resultTable, withTable } from './result-table.ts';

const growth: readonly CaseLine[] = [
  { case: 'growth-10k', replicas: 10_000, nodes: 100, dimensions: 3, millis: 20 },
  { case: 'growth-100k', replicas: 100_000, nodes: 1_000, dimensions: 3, millis: 180, timesPrevious: 9 },
];
const anytime: CaseLine = {
  ...{ case: 'anytime', replicas: 1_000, peakToMeanBefore: 3, lowerBound: 1 },
  points: [
    [0, 0, 0, 3, 0],
    [1_000, 1_000, 12, 2, 30],
    [9_000, 8_000, 90, 1.02, 60],
  ],
};

test('a plot of time against size has a mark per size and the line of the bar', () => {
  const plot = timePlot(growth);
  if (!plot) throw new Error('no plot');
  expect(plot.series[1].points.at(-1)?.y).toBeCloseTo(240);
  const svg = renderPlot(plot);
  expect(svg.match(/<circle/g)).toHaveLength(2);
  expect(svg.match(/<polyline/g)).toHaveLength(2);
  expect(svg).toContain('180 ms');
  expect(svg).toContain('prefers-color-scheme:dark');
  expect(svg).not.toContain('NaN');
});

test('a plot of quality against time leaves out what took no time', () => {
  const plot = qualityPlot([...growth, anytime]);
  if (!plot) throw new Error('no plot');
  expect(plot.series[0].points.map(({ y }) => y)).toEqual([2, 1.02]);
  expect(renderPlot(plot)).not.toContain('NaN');
});

test('without lines for them there are no plots', () => {
  expect(timePlot(growth.slice(1))).toBeNull();
  expect(qualityPlot(growth)).toBeNull();
});

test('text is not markup', () => {
  const plot = timePlot(growth);
  if (!plot) throw new Error('no plot');
  expect(renderPlot({ ...plot, title: 'a < "b" & c' })).toContain('a &lt; &quot;b&quot; &amp; c');
});

test('the table stands between its marks, and says what was met', () => {
  const line: CaseLine = {
    ...growth[0],
    ...{ peakRssBytes: 1_048_576, peakToMeanBefore: 3, peakToMean: 1.02, moves: 10, movesLowerBound: 9 },
    ...{ bar: 'millis <= 300, moves / movesLowerBound <= 1.15', met: false },
  };
  const machine: CaseLine = {
    case: 'machine',
    cores: 2,
    processor: 'P',
    memoryBytes: 1_073_741_824,
    commit: 'abc',
  };
  const table = resultTable([line, machine]);
  expect(table).toContain('| `growth-10k` | 10,000 × 100 × 3 | 20 ms | 1 MiB | 3.000 → 1.020 | 10 (9) |');
  expect(table).toContain('ms ≤ 300, moves / bound ≤ 1.15 | missed |');
  expect(table).toContain('2 cores (P), 1 GiB, commit `abc`');
  const page =
    'before\n<!-- measured: npm run bench -- planner-plots writes this -->\nold\n<!-- end of measured -->\nafter\n';
  const made = withTable(page, [line, machine]);
  expect(withTable(made, [line, machine])).toBe(made);
  expect(made).not.toContain('old');
  expect(() => withTable('', [])).toThrow('has no');
});
