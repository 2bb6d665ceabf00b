import { freemem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CaseLine } from './planner/bench-line.ts';
import { planCases } from './planner/cases.ts';
import { withGrowth } from './planner/growth-ratio.ts';
import { lineTable } from './planner/line-table.ts';
import { machineLine, writeResults } from './planner/results-file.ts';
import { scenarioCases } from './planner/scenarios.ts';
import { startCase } from './planner/start-case.ts';

/**
 * How well and how fast fleets are planned: `npm run bench -- planner [CASE...]`, one JSON object a line on standard
 * output, a table on standard error. Each case has a process of its own.
 */
const usage = `usage: npm run bench -- planner [CASE...] [options]

Plans fleets that are generated from seeds. Without a case, all of them.

  --skip CASE   leave a case out; may be given several times
  --runs N      most runs of each case; the median counts
  --json        no table, no progress
  --out FILE    write the lines to a file as well
  --record      write the lines into bench/results/planner.json; what other cases had there stays
  --list        what cases there are
  --help        this text
`;

const all = { ...planCases, ...scenarioCases };
const gibibyte = 1_073_741_824;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        skip: { type: 'string', multiple: true, default: [] },
        runs: { type: 'string' },
        json: { type: 'boolean', default: false },
        out: { type: 'string' },
        record: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
if (values.list) {
  const width = Math.max(...Object.keys(all).map((name) => name.length));
  for (const [name, { about }] of Object.entries(all))
    process.stdout.write(`${name.padEnd(width)}  ${about}\n`);
  process.exit(0);
}
const unknown = [...positionals, ...values.skip].filter((name) => !Object.hasOwn(all, name));
if (unknown.length > 0) fail(`no case "${unknown.join('", "')}"; there are ${Object.keys(all).join(', ')}`);
const runs = values.runs === undefined ? undefined : Number(values.runs);
if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) fail('--runs takes a number from 1');

const showsProgress = process.stderr.isTTY && !values.json;
const clearLine = '\r\u001b[K';

function progress(name: string, text: string): void {
  if (showsProgress) process.stderr.write(`${clearLine}${name}: ${text}`);
}

/** Measures a case and prints its line; null where the machine has not the memory for it. */
async function measure(name: string, before: readonly CaseLine[]): Promise<CaseLine | null> {
  const needs = planCases[name]?.needsBytes ?? 0;
  if (needs > freemem()) {
    const gib = (bytes: number): string => (bytes / gibibyte).toFixed(0);
    process.stderr.write(`${name}: left out, it needs ${gib(needs)} GiB and ${gib(freemem())} are free\n`);
    return null;
  }
  const line = withGrowth(await startCase(name, { runs }, (text) => progress(name, text)), before);
  if (showsProgress) process.stderr.write(clearLine);
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return line;
}

const wanted = (positionals.length > 0 ? positionals : Object.keys(all)).filter(
  (name) => !values.skip.includes(name),
);
const lines: CaseLine[] = [];
for (const name of wanted) {
  const line = await measure(name, lines);
  if (line) lines.push(line);
}
if (!values.json) process.stderr.write(`${lineTable(lines)}\n`);
const machine = machineLine(['npm run bench -- planner', ...positionals].join(' '));
if (values.out) writeResults(values.out, lines, machine, false);
if (values.record) writeResults(join(import.meta.dir, 'results', 'planner.json'), lines, machine, true);
