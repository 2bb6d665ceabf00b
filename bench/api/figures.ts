import { readFile } from 'node:fs/promises';

/** A line of what was measured; numbers with four digits, which is more than they are worth. */
export type Figures = Readonly<Record<string, number | string | boolean>>;

const digits = 4;
/** Ticks of processor time in a second, as Linux tells them to programs. */
const ticksPerSecond = 100;
const lines: Figures[] = [];

/** Prints a line and keeps it for `bench/results`. */
export function report(bench: string, figures: Figures): void {
  const rounded = Object.entries(figures).map(([key, value]) => [
    key,
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(digits)) : value,
  ]);
  const line: Figures = { bench, ...Object.fromEntries(rounded) };
  lines.push(line);
  console.log(JSON.stringify(line));
}

export function reported(): readonly Figures[] {
  return lines;
}

/** The value below which a share of all lies, 0 to 1; NaN of nothing. Sorts a copy. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Processor time that a process has taken so far, all its threads together. */
export async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Memory that a process has in use, MiB. */
export async function memoryMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}

/** Between the machine's clock and the process's own, whose origin is not exact; the best of some looks. */
const offsetMs = Math.max(...Array.from({ length: 2_000 }, () => Date.now() - performance.now()));

/** Milliseconds since the epoch with fractions, the same in all processes of this machine to less than one. */
export function wallMs(): number {
  return offsetMs + performance.now();
}
