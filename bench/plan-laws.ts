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
const usage = `usage: npm run bench -- plan-laws [STUDY ...] [--seeds N]

How often what no law promises comes true all the same. Studies, all of them without a name: ${Object.keys(studies).join(', ')}.

  --seeds N   random fleets, seeds from 0; ${usualSeeds} without it
  --help      this text
`;

function refuse(problem: string): never {
  process.stderr.write(`${problem}\n`);
  process.exit(2);
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        seeds: { type: 'string', default: String(usualSeeds) },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    return { ...values, chosen: positionals.length > 0 ? positionals : Object.keys(studies) };
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { chosen, help, seeds: text } = readOptions();
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}
const seeds = Number(text);
if (!Number.isSafeInteger(seeds) || seeds < 1) {
  refuse(`--seeds is "${text}": give a whole number from 1`);
}
const unknown = chosen.find((name) => !(name in studies));
if (unknown !== undefined) {
  refuse(`there is no study "${unknown}": name some of ${Object.keys(studies).join(', ')}`);
}
const lines = chosen.map((name) => {
  const line = studies[name](seeds);
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return line;
});
process.stderr.write(`${lawTable(lines)}\n`);
