import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import type { CaseLine, Line } from './bench-line.ts';

const root = `${import.meta.dir}/../..`;

/** What the figures were measured on; no names of machines, users or folders. */
export function machineLine(command: string): CaseLine {
  return {
    case: 'machine',
    ...{ processor: cpus()[0]?.model ?? '', cores: cpus().length, memoryBytes: totalmem() },
    ...{ load1: loadavg()[0] ?? Number.NaN, commit: commit(), command, at: new Date().toISOString() },
  };
}

/**
 * Writes lines as an array, one a line, machine last.
 *
 * @param keep whether lines of cases that were not measured now stay in the file
 * @param keyOf what a line takes the place of another by: its case
 */
export function writeResults(
  path: string,
  lines: readonly CaseLine[],
  machine: CaseLine,
  keep: boolean,
  keyOf: (line: CaseLine) => string = (line) => line.case,
): void {
  const measured = lines.map((line) => ({ ...line, commit: machine.commit }));
  const names = new Set([...measured, machine].map(keyOf));
  const kept = keep ? readResults(path).filter((line) => !names.has(keyOf(line))) : [];
  const all: readonly Line[] = [...kept, ...measured, machine];
  writeFileSync(path, `[\n${all.map((line) => `  ${JSON.stringify(line)}`).join(',\n')}\n]\n`);
}

export function readResults(path: string): readonly CaseLine[] {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
}

/** Of the working tree; `+` when something in it that is measured is not committed. */
function commit(): string {
  const git = (...args: string[]): string =>
    Bun.spawnSync(['git', ...args], { cwd: root })
      .stdout.toString()
      .trim();
  const parts = ['planner', 'planner.ts', 'roadef', 'planner-roadef.ts'].map((part) => `bench/${part}`);
  const changed = git('status', '--porcelain', '--', 'src', ...parts);
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
}
