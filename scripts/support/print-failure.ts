import { printProblems } from '../../src/cli/print-problems.ts';
import { createStyle } from '../../src/cli/style.ts';
import { ProblemError } from '../../src/domain/problem.ts';

/**
 * Says on standard error why a script failed: problems as `mesh` would, with what to do about each.
 *
 * @returns the exit code that `mesh` would end with; 1 for what is no problem of the input
 */
export function printFailure(error: unknown): number {
  const write = (text: string): void => void process.stderr.write(text);
  if (!(error instanceof ProblemError)) {
    write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const terminal = { out: write, error: write, isInteractive: false, columns: 80 };
  return printProblems(error.problems, terminal, { style: createStyle(false), json: false });
}
