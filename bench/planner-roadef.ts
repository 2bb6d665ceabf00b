import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ContestCost, contestCost, contestLowerBound } from './roadef/contest-cost.ts';
import type { LaneOrder, LaneReply } from './roadef/lane.ts';
import { type ReferenceRow, readReference } from './roadef/reference.ts';
import { readContestFiles } from './roadef/solve.ts';

/**
 * `npm run bench:roadef -- --data DIR --seconds N --instances a1_1,... --out DIR [--lanes 2] [--seed 1]`: plans instances
 * of the ROADEF/EURO challenge 2012 in the time that the contest gave (300 s) or less, one thread per lane, and writes the
 * best lane's `assignment_NAME.txt`. JSON lines on standard output, a table on standard error. Without the data it says so
 * and ends well.
 */
const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.ROADEF_DATA ?? '' },
    seconds: { type: 'string', default: '300' },
    instances: {
      type: 'string',
      default: 'a1_1,a1_2,a1_3,a1_4,a1_5,a2_1,a2_2,a2_3,a2_4,a2_5,b_1,b_2,b_3,b_4',
    },
    out: { type: 'string', default: '' },
    lanes: { type: 'string', default: String(Math.max(1, Math.min(2, cpus().length))) },
    seed: { type: 'string', default: '1' },
  },
});

/** Reading and writing belong to the time as well. */
const reserveSeconds = 0.3;

interface Line {
  readonly case: string;
  readonly seconds: number;
  readonly millis: number;
  readonly lanes: number;
  readonly evaluations: number;
  readonly cost: ContestCost;
  readonly initial: number;
  readonly lowerBound: number;
  /** (cost - bound) / cost. */
  readonly gapToBound: number;
  /** (cost - best known) / best known; below 0: better than any that we know of. */
  readonly gapToBestKnown?: number;
  /** 100 × (cost - best of the contest) / initial cost. */
  readonly score?: number;
  readonly winnerAverage?: number;
}

async function runInstance(name: string): Promise<Line> {
  const start = performance.now();
  const { model, assignment } = readContestFiles(options.data, name);
  const seconds = Number(options.seconds);
  const first = Number(options.seed);
  const orders = Array.from({ length: Number(options.lanes) }, (_, lane): LaneOrder => {
    return { folder: options.data, name, seed: first + lane, seconds: seconds - reserveSeconds };
  });
  const replies = await Promise.all(orders.map(runLane));
  const best = replies.reduce((left, right) => (right.total < left.total ? right : left));
  if (options.out !== '') {
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, `assignment_${name}.txt`), `${best.assignment.join(' ')}\n`);
  }
  const cost = contestCost(model, assignment, best.assignment);
  const lowerBound = contestLowerBound(model);
  return {
    case: `roadef-${name}`,
    seconds,
    millis: Math.round(performance.now() - start),
    lanes: orders.length,
    evaluations: replies.reduce((sum, reply) => sum + reply.evaluations, 0),
    cost,
    initial: contestCost(model, assignment, assignment).total,
    lowerBound,
    gapToBound: (cost.total - lowerBound) / cost.total,
    ...comparison(cost.total, readReference(options.data).get(name)),
  };
}

function comparison(total: number, known: ReferenceRow | undefined): Partial<Line> {
  if (!known) return {};
  const { best_credible: best, challenge_best: contestBest, initial, nls_avg_5min: winnerAverage } = known;
  return {
    ...(best !== undefined && { gapToBestKnown: (total - best) / best }),
    ...(contestBest !== undefined && { score: (100 * (total - contestBest)) / initial }),
    ...(winnerAverage !== undefined && { winnerAverage }),
  };
}

function runLane(order: LaneOrder): Promise<LaneReply> {
  const worker = new Worker(new URL('./roadef/lane.ts', import.meta.url).href);
  return new Promise<LaneReply>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<LaneReply>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(order);
  }).finally(() => worker.terminate());
}

function printTable(lines: readonly Line[]): void {
  const percent = (share: number | undefined): string =>
    share === undefined ? '' : `${(100 * share).toFixed(3)}%`;
  const rows = lines.map((line) => [
    line.case.replace('roadef-', ''),
    String(line.cost.total),
    percent(line.gapToBound),
    percent(line.gapToBestKnown),
    line.score === undefined ? '' : line.score.toFixed(4),
    line.winnerAverage === undefined ? '' : line.cost.total <= line.winnerAverage ? 'yes' : 'no',
    `${(line.evaluations / line.millis / 1_000).toFixed(1)} M/s`,
  ]);
  const header = ['instance', 'cost', 'to bound', 'to best known', 'score', 'as the winner', 'candidates'];
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  for (const row of all) {
    process.stderr.write(`${row.map((cell, column) => cell.padStart(widths[column])).join('  ')}\n`);
  }
  for (const set of ['a', 'b']) {
    const scores = lines.flatMap((line) => (line.case.startsWith(`roadef-${set}`) ? [line.score ?? 0] : []));
    const sum = scores.reduce((total, score) => total + score, 0);
    if (scores.length > 0) process.stderr.write(`score of set ${set}: ${sum.toFixed(4)}\n`);
  }
}

if (options.data === '' || !existsSync(options.data)) {
  process.stdout.write('name the folder that has model_NAME.txt with --data or ROADEF_DATA\n');
} else {
  const lines: Line[] = [];
  for (const name of options.instances.split(',')) {
    const line = await runInstance(name);
    lines.push(line);
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  printTable(lines);
}
