/** The lines of a page between which stands what a command wrote. */
export interface Marks {
  readonly start: string;
  readonly end: string;
}

/** The page with the text between its marks made anew; throws when it has no place for one. */
export function withSection(page: string, { start, end }: Marks, text: string): string {
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no "${start}" followed by "${end}"`);
  return `${page.slice(0, from)}${start}\n\n${text}\n${page.slice(to)}`;
}

/** Rows of cells as a table of Markdown; the first row is the head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [heads = [], ...others] = rows;
  return [heads, heads.map(() => '---'), ...others].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** What the lines were measured on, in a sentence; nothing without the line of the machine. */
export function measuredOn(machine: Readonly<Record<string, unknown>> | undefined): string {
  if (machine === undefined) return '';
  const gib = (Number(machine.memoryBytes) / 1_073_741_824).toFixed(0);
  return `Measured on ${machine.cores} cores (${machine.processor}), ${gib} GiB, commit \`${machine.commit}\`.`;
}
