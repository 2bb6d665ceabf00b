import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printFailure } from '../scripts/support/print-failure.ts';
import { ProblemError } from '../src/domain/problem.ts';
import { machineLine, writeResults } from './planner/results-file.ts';
import { contestCost, contestLowerBound } from './roadef/contest-cost.ts';
import { type ContestLine, comparison, recordedLine, recordKey } from './roadef/contest-line.ts';
import {
  type ContestOptions,
  contestUsage,
  readContestOptions,
  reserveSeconds,
} from './roadef/contest-options.ts';
import type { LaneOrder, LaneReply } from './roadef/lane.ts';
import { readReference } from './roadef/reference.ts';
import { readContestFiles } from './roadef/solve.ts';

/**
 * `npm run bench:roadef -- --data DIR --seconds N --instances a1_1,... --out DIR`: plans instances of the ROADEF/EURO
 * challenge 2012 in the time that the contest gave (300 s) or less, one thread per lane, and writes the best lane's
 * `assignment_NAME.txt`. JSON lines on standard output, a table on standard error. `--help` says what options there are;
 * one that is wrong ends it with code 2, and so does a broken file.
 */
const options = startOptions();

function startOptions(): ContestOptions {
  const read = readContestOptions(process.argv.slice(2));
  if ('help' in read) {
    process.stdout.write(contestUsage);
    process.exit(0);
  }
  if (!('problem' in read)) return read;
  process.stderr.write(`${read.problem}\n`);
  process.exit(2);
}

async function runInstance(name: string): Promise<ContestLine> {
  const start = performance.now();
  const { model, assignment } = readContestFiles(options.data, name);
  const { seconds, seed } = options;
  const orders = Array.from({ length: options.lanes }, (_, lane): LaneOrder => {
    return { folder: options.data, name, seed: seed + lane, lane, seconds: seconds - reserveSeconds };
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

function runLane(order: LaneOrder): Promise<LaneReply> {
  const worker = new Worker(new URL('./roadef/lane.ts', import.meta.url).href);
  return new Promise<LaneReply>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<LaneReply>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(order);
  }).finally(() => worker.terminate());
}

function printTable(lines: readonly ContestLine[]): void {
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

/** Solves the instances, as many at a time as was asked; lines in the order in which instances were named. */
async function runAll(): Promise<readonly ContestLine[]> {
  const { instances, concurrency } = options;
  const lines = new Map<string, ContestLine>();
  const waiting = [...instances];
  async function runSome(): Promise<void> {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const line = await runInstance(name);
      lines.set(name, line);
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, instances.length) }, runSome));
  return instances.flatMap((name) => lines.get(name) ?? []);
}

const lines = await runAll().catch((error: unknown) => {
  if (error instanceof ProblemError) process.exit(printFailure(error));
  throw error;
});
printTable(lines);
if (options.record) {
  const machine = machineLine(`npm run bench:roadef -- --seconds ${options.seconds}`);
  const path = join(import.meta.dir, 'results', 'roadef.json');
  writeResults(path, lines.map(recordedLine), machine, true, recordKey);
}
