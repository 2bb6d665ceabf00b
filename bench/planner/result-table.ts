import type { CaseLine } from './bench-line.ts';
import { markdownTable, measuredOn, withSection } from './page-section.ts';
import { duration } from './result-plots.ts';

/** Figures that a bar may be on, in words. */
const words: Readonly<Record<string, string>> = {
  millis: 'ms',
  peakToMean: 'peak/mean',
  peakRssBytes: 'memory',
  timesPrevious: 'times the size before',
  violationsAfter: 'violations',
  toVacateAfter: 'left to vacate',
  secondPlanMoves: 'moves of the second plan',
  backWithinCooldown: 'back within the cooldown',
  shareOfShards: 'moves over shards',
};

/** Between these lines of the page stands what the results say. */
const marks = {
  start: '<!-- measured: npm run bench -- planner-plots writes this -->',
  end: '<!-- end of measured -->',
};

/** The page with its table made anew; throws when it has no place for one. */
export function withTable(page: string, lines: readonly CaseLine[]): string {
  return withSection(page, marks, resultTable(lines));
}

/** All cases as a table of Markdown, and what they were measured on. */
export function resultTable(lines: readonly CaseLine[]): string {
  const machine = lines.find((line) => line.case === 'machine');
  const cases = lines.filter((line) => line.case !== 'machine' && line.moves !== undefined);
  const heads = [
    'case',
    'replicas × nodes × dimensions',
    'time',
    'memory',
    'peak/mean',
    'moves (bound)',
    'bar',
    '',
  ];
  return `${markdownTable([heads, ...cases.map(cells)])}\n\n${measuredOn(machine)}\n`;
}

function cells(line: CaseLine): string[] {
  const count = (value: unknown): string => Number(value).toLocaleString('en-US');
  return [
    `\`${line.case}\``,
    `${count(line.replicas)} × ${count(line.nodes)} × ${line.dimensions}`,
    duration(Number(line.millis)),
    `${count(Math.round(Number(line.peakRssBytes) / 1_048_576))} MiB`,
    `${Number(line.peakToMeanBefore).toFixed(3)} → ${Number(line.peakToMean).toFixed(3)}`,
    `${count(line.moves)} (${count(line.movesLowerBound)})`,
    barOf(line),
    verdictOf(line),
  ];
}

function barOf({ bar }: CaseLine): string {
  if (typeof bar !== 'string') return '';
  return Object.entries(words)
    .reduce((text, [name, word]) => text.replaceAll(name, word), bar)
    .replaceAll('<=', '≤')
    .replaceAll('moves / movesLowerBound', 'moves / bound')
    .replaceAll('1073741824', '1 GiB');
}

function verdictOf(line: CaseLine): string {
  if (line.met === undefined) return '';
  return line.met === true ? 'met' : 'missed';
}
