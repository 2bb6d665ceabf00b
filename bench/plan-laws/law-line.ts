/** What a study found: how many fleets it looked at, and how many of them did what. */
export interface LawLine {
  readonly case: string;
  readonly seeds: number;
  /** Fleets that the study could ask: with a plan, or with moves to order. */
  readonly asked: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** The lines as a table for people: a row per count, with its share of the fleets asked. */
export function lawTable(lines: readonly LawLine[]): string {
  const rows = lines.flatMap(({ case: name, asked, counts }) =>
    Object.entries(counts).map(([what, count]) => [
      name,
      what,
      String(count),
      `of ${asked}`,
      `${((100 * count) / Math.max(1, asked)).toFixed(1)}%`,
    ]),
  );
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
        .join('  '),
    )
    .join('\n');
}
