/** A small writer of line charts as SVG: readable on light and on dark pages, no script, no fonts of its own. */
export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Where lines leave room: for rising ones on the left, with what is written beside the marks below them. */
  readonly rises: boolean;
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
  /** In the legend; empty for one whose points say what it is. */
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
const margin = { left: 72, right: 44, top: 48, bottom: 56 };

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
    ...plot.series.flatMap((series, index) => drawSeries(series, index, place, plot.rises)),
    ...legend(plot),
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

function drawSeries({ points, isReference }: Series, index: number, place: Place, rises: boolean): string[] {
  const name = isReference ? 'reference' : `s${index % hues.length}`;
  const places = points.map((point) => place(point).map(digits));
  return [
    `<polyline class="line ${name}" points="${places.map(([left, top]) => `${left},${top}`).join(' ')}"/>`,
    ...points.flatMap(({ label }, at) => {
      const [left, top] = places[at];
      const mark = `<circle class="mark ${name}" cx="${left}" cy="${top}" r="3.5"/>`;
      return [...(isReference ? [] : [mark]), ...(label === '' ? [] : [text(label, left, top, rises)])];
    }),
  ];
}

/** Beside a mark, and inside of the chart: in its right part to the left of the mark when the line comes from above. */
function text(label: string, left: number, top: number, below: boolean): string {
  const isEnd = left > width * 0.8;
  const x = digits(isEnd && !below ? left - 8 : left + 8);
  const y = digits(below ? top + 16 : top - 8);
  return `<text x="${isEnd && below ? digits(left + 4) : x}" y="${y}" text-anchor="${isEnd ? 'end' : 'start'}">${inMarkup(label)}</text>`;
}

/** In the upper corner, a line per series. */
function legend({ series, rises }: Plot): string[] {
  const left = rises ? margin.left + 16 : width - margin.right - 200;
  return series.flatMap(({ name, isReference }, index) => {
    if (name === '') return [];
    const top = margin.top + 18 + 18 * index;
    const kind = isReference ? 'reference' : `s${index % hues.length}`;
    return [
      `<line class="line ${kind}" x1="${left}" y1="${top}" x2="${left + 28}" y2="${top}"/>`,
      `<text x="${left + 36}" y="${top + 4}">${inMarkup(name)}</text>`,
    ];
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
