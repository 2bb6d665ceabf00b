import type { CaseLine } from './bench-line.ts';
import { growthSeries, mostGrowth } from './growth-ratio.ts';
import type { Axis, Plot, Point } from './plot.ts';

/** Time against size, from the growth series; null without one. */
export function timePlot(lines: readonly CaseLine[]): Plot | null {
  const points = growthSeries.flatMap((name): Point[] => {
    const line = lines.find((each) => each.case === name);
    if (!line) return [];
    return [{ x: Number(line.replicas), y: Number(line.millis), label: duration(Number(line.millis)) }];
  });
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return null;
  const reference = (factor: number): Point[] =>
    [first.x, last.x].map((x) => ({ x, y: first.y * factor ** Math.log10(x / first.x), label: '' }));
  return {
    title: 'Time of a plan against the size of the fleet',
    rises: true,
    x: decadeAxis(
      'replicas',
      points.map(({ x }) => x),
      (x) => x.toLocaleString('en-US'),
    ),
    y: decadeAxis(
      'time of the whole plan',
      [...points, ...reference(mostGrowth)].map(({ y }) => y),
      duration,
    ),
    series: [
      { name: 'measured', points, isReference: false },
      { name: `bar: ${mostGrowth} times for ten times`, points: reference(mostGrowth), isReference: true },
    ],
  };
}

/** Peak over mean against time, from searches that were ended early; null without them. */
export function qualityPlot(lines: readonly CaseLine[]): Plot | null {
  const line = lines.find((each) => each.case === 'anytime');
  const rows = line?.points;
  if (!line || !Array.isArray(rows)) return null;
  const points = (rows as readonly (readonly number[])[])
    // The fleet as it was has no time; on a scale of logarithms it has no place either.
    .filter(([, , millis]) => millis > 0)
    .map(([, evaluations, millis, peakToMean]) => ({ x: millis, y: peakToMean, label: short(evaluations) }))
    .sort((left, right) => left.x - right.x);
  const before = Number(line.peakToMeanBefore);
  const ends = [points[0], points.at(-1)].flatMap((point) => (point ? [point.x] : []));
  const most = Math.floor(before * 2 + 1) / 2;
  const level = (y: number, label: string): Point[] =>
    ends.map((x, at) => ({ x, y, label: at === 0 ? label : '' }));
  return {
    title: `Peak over mean when the search ends early (${Number(line.replicas).toLocaleString('en-US')} replicas)`,
    rises: false,
    x: decadeAxis('time of the whole plan; beside the marks: candidates evaluated', ends, duration),
    y: {
      ...{ label: 'peak / mean', isLog: false, min: 1, max: most },
      ticks: Array.from({ length: Math.round((most - 1) * 2) + 1 }, (_, at) => [
        1 + at / 2,
        String(1 + at / 2),
      ]),
    },
    series: [
      { name: 'after the plan', points, isReference: false },
      { name: '', points: level(before, 'before the plan'), isReference: true },
      { name: '', points: level(Number(line.lowerBound), 'lower bound'), isReference: true },
    ],
  };
}

/** From the power of ten below the least value to the one above the greatest. */
function decadeAxis(label: string, values: readonly number[], name: (value: number) => string): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const decades = Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at));
  const [min, max] = [decades[0], decades[decades.length - 1]];
  return { label, isLog: true, min, max, ticks: decades.map((value) => [value, name(value)]) };
}

/** `40 ms`, `1.2 s`. */
export function duration(millis: number): string {
  return millis < 1_000
    ? `${Number(millis.toPrecision(3))} ms`
    : `${Number((millis / 1_000).toPrecision(3))} s`;
}

function short(count: number): string {
  if (count >= 1e6) return `${Number((count / 1e6).toPrecision(2))}M`;
  return count >= 1_000 ? `${Math.round(count / 1_000)}k` : String(count);
}
