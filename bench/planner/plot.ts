/** A small writer of line charts as SVG: readable on light and on dark pages, no script, no fonts of its own. */
export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  readonly label: string;
  readonly isLog: boolean;
  readonly min: number;
  readonly max: number;
  /** Where a line of the grid is, and what it is called. */
  readonly ticks: readonly (readonly [number, string])[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** A reference is dashed, grey and without marks. */
  readonly isReference: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** What is written beside the mark; empty for nothing. */
  readonly label: string;
}

const width = 640;
const height = 400;
const margin = { left: 72, right: 24, top: 48, bottom: 56 };

/** Hues that keep their distance for people who see red and green alike (Okabe and Ito). */
const hues = ['#0072b2', '#d55e00', '#009e73'];
const darkHues = ['#56b4e9', '#e69f00', '#2fc79b'];

/** The chart as a document of its own. */
export function renderPlot(plot: Plot): string {
  const place = placer(plot);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${inMarkup(plot.title)}">`,
    `<style>${styles()}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="${margin.left}" y="26">${inMarkup(plot.title)}</text>`,
    ...grid(plot, place),
    ...plot.series.flatMap((series, index) => drawSeries(series, index, place)),
    ...legend(plot.series),
    '</svg>',
    '',
  ].join('\n');
}

type Place = (point: { readonly x: number; readonly y: number }) => readonly [number, number];

function placer({ x, y }: Plot): Place {
  const share = (axis: Axis, value: number): number =>
    axis.isLog
      ? Math.log(value / axis.min) / Math.log(axis.max / axis.min)
      : (value - axis.min) / (axis.max - axis.min);
  const across = width - margin.left - margin.right;
  const up = height - margin.top - margin.bottom;
  return (point) => [
    margin.left + across * share(x, point.x),
    height - margin.bottom - up * share(y, point.y),
  ];
}

function grid({ x, y }: Plot, place: Place): string[] {
  const bottom = height - margin.bottom;
  const right = width - margin.right;
  const lines = [
    ...x.ticks.map(([value, label]) => {
      const at = digits(place({ x: value, y: y.min })[0]);
      return (
        `<line class="grid" x1="${at}" y1="${margin.top}" x2="${at}" y2="${bottom}"/>` +
        `<text x="${at}" y="${bottom + 18}" text-anchor="middle">${inMarkup(label)}</text>`
      );
    }),
    ...y.ticks.map(([value, label]) => {
      const at = digits(place({ x: x.min, y: value })[1]);
      return (
        `<line class="grid" x1="${margin.left}" y1="${at}" x2="${right}" y2="${at}"/>` +
        `<text x="${margin.left - 8}" y="${at + 4}" text-anchor="end">${inMarkup(label)}</text>`
      );
    }),
  ];
  const middle = (margin.top + bottom) / 2;
  return [
    ...lines,
    `<text x="${(margin.left + right) / 2}" y="${height - 14}" text-anchor="middle">${inMarkup(x.label)}</text>`,
    `<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">${inMarkup(y.label)}</text>`,
  ];
}

function drawSeries({ points, isReference }: Series, index: number, place: Place): string[] {
  const name = isReference ? 'reference' : `s${index % hues.length}`;
  const places = points.map((point) => place(point).map(digits));
  return [
    `<polyline class="line ${name}" points="${places.map(([left, top]) => `${left},${top}`).join(' ')}"/>`,
    ...points.flatMap(({ label }, at) => {
      if (isReference) return [];
      const [left, top] = places[at];
      // Inside of the chart: labels of the right half stand to the left of their mark.
      const isLeft = left < width * 0.7;
      const text = `<text x="${isLeft ? left + 8 : left - 8}" y="${top - 8}" text-anchor="${isLeft ? 'start' : 'end'}">${inMarkup(label)}</text>`;
      return [
        `<circle class="mark ${name}" cx="${left}" cy="${top}" r="3.5"/>`,
        ...(label === '' ? [] : [text]),
      ];
    }),
  ];
}

/** In the upper right corner, a line per series. */
function legend(series: readonly Series[]): string[] {
  const left = width - margin.right - 210;
  return series.map(({ name, isReference }, index) => {
    const top = margin.top + 18 + 18 * index;
    const kind = isReference ? 'reference' : `s${index % hues.length}`;
    return (
      `<line class="line ${kind}" x1="${left}" y1="${top}" x2="${left + 28}" y2="${top}"/>` +
      `<text x="${left + 36}" y="${top + 4}">${inMarkup(name)}</text>`
    );
  });
}

function styles(): string {
  const colors = (all: readonly string[]): string =>
    all.map((hue, index) => `.line.s${index}{stroke:${hue}}.mark.s${index}{fill:${hue}}`).join('');
  return [
    'text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}',
    '.page{fill:#fff}.grid{stroke:#ddd}.line{fill:none;stroke-width:2}',
    `.reference{stroke:#888;stroke-dasharray:5 4}${colors(hues)}`,
    '@media(prefers-color-scheme:dark){text{fill:#ccc}.page{fill:#0d1117}.grid{stroke:#30363d}',
    `${colors(darkHues)}}`,
  ].join('');
}

function digits(value: number): number {
  return Math.round(value * 10) / 10;
}

function inMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
