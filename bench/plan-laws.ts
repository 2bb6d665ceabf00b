import { parseArgs } from 'node:util';
import { type LawLine, lawTable } from './plan-laws/law-line.ts';
import { studyDrops } from './plan-laws/study-drops.ts';
import { studyFirstMove } from './plan-laws/study-first-move.ts';
import { studyWarmStart } from './plan-laws/study-warm-start.ts';
import { studyWaves } from './plan-laws/study-waves.ts';

/**
 * How often what no law promises comes true all the same, over random fleets with seeds from 0: one JSON object per study
 * on standard output, a table on standard error. `npm run bench -- plan-laws [--seeds N] [STUDY ...]`
 */
const studies: Readonly<Record<string, (seeds: number) => LawLine>> = {
  waves: studyWaves,
  warm: studyWarmStart,
  drops: studyDrops,
  'first-move': studyFirstMove,
};
const usualSeeds = 3_000;

const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: String(usualSeeds) } },
  allowPositionals: true,
});
const seeds = Number(values.seeds);
const chosen = positionals.length > 0 ? positionals : Object.keys(studies);
const unknown = chosen.filter((name) => !(name in studies));
if (!Number.isSafeInteger(seeds) || seeds < 1 || unknown.length > 0) {
  process.stderr.write(
    `usage: plan-laws [--seeds N] [STUDY ...]\nstudies: ${Object.keys(studies).join(', ')}\n`,
  );
  process.exit(2);
}
const lines = chosen.map((name) => {
  const line = studies[name](seeds);
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return line;
});
process.stderr.write(`${lawTable(lines)}\n`);
