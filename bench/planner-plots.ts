import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPlot } from './planner/plot.ts';
import { qualityPlot, timePlot } from './planner/result-plots.ts';
import { withTable } from './planner/result-table.ts';
import { readResults } from './planner/results-file.ts';
import { withContestTable } from './roadef/contest-table.ts';

/**
 * Pictures and the tables of `docs/planner.md` from what was measured last: `npm run bench -- planner-plots`, after
 * `npm run bench -- planner --record` and `npm run bench:roadef -- --record`.
 */
const docs = join(import.meta.dir, '..', 'docs');
const images = join(docs, 'images');
const results = join(import.meta.dir, 'results');
const lines = readResults(join(results, 'planner.json'));
const contest = readResults(join(results, 'roadef.json'));
mkdirSync(images, { recursive: true });
for (const [name, plot] of [
  ['planner-time', timePlot(lines)],
  ['planner-quality', qualityPlot(lines)],
] as const) {
  if (!plot) {
    process.stderr.write(`${name}: the results have nothing for it\n`);
    continue;
  }
  writeFileSync(join(images, `${name}.svg`), renderPlot(plot));
  process.stdout.write(`docs/images/${name}.svg\n`);
}
const page = join(docs, 'planner.md');
writeFileSync(page, withContestTable(withTable(readFileSync(page, 'utf8'), lines), contest));
process.stdout.write('docs/planner.md\n');
