import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is known of an instance; a column that its row leaves empty is absent. */
export type ReferenceRow = Readonly<Record<string, number>>;

/** Reads `reference.csv` of the data folder by instance; empty when there is none. */
export function readReference(folder: string): ReadonlyMap<string, ReferenceRow> {
  const path = join(folder, 'reference.csv');
  if (!existsSync(path)) return new Map();
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = header.split(',');
  return new Map(
    lines.map((line) => {
      const cells = line.split(',');
      const known = names
        .map((name, column): readonly [string, number] => [name, Number(cells[column] || Number.NaN)])
        .filter(([name, value]) => name !== names[0] && Number.isFinite(value));
      return [cells[0], Object.fromEntries(known)];
    }),
  );
}
