import type { Line } from './bench-line.ts';

/** Most that a figure of a line may be. */
export interface Bar {
  readonly what: string;
  readonly value: (line: Line) => number;
  readonly most: number;
}

/** A bar on one figure, as the lines name it. */
export function atMost(name: string, most: number): Bar {
  return { what: name, value: (line) => Number(line[name]), most };
}

export const mebibyte = 1_048_576;

/** Moves over the lower bound on them; nothing to move is on the bound. */
export function movesOverBound(line: Line): number {
  const bound = Number(line.movesLowerBound);
  return bound === 0 ? (line.moves === 0 ? 1 : Number.POSITIVE_INFINITY) : Number(line.moves) / bound;
}

/** The line with its bars as a text, and whether it meets them all; without bars, the line itself. */
export function judged(line: Line, bars: readonly Bar[]): Line {
  if (bars.length === 0) return line;
  const missed = bars.filter((bar) => !(bar.value(line) <= bar.most));
  return {
    ...line,
    bar: bars.map(({ what, most }) => `${what} <= ${most}`).join(', '),
    met: missed.length === 0,
    ...(missed.length > 0 ? { missed: missed.map((bar) => bar.what).join(', ') } : {}),
  };
}
