import { errorCodes } from '../domain/error-codes.ts';
import type { Problem } from '../domain/problem.ts';
import type { Terminal } from './cli-context.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { OutputForm } from './output-form.ts';
import type { Style } from './style.ts';
import { visibleText } from './visible-text.ts';

/**
 * Says what is wrong, where, what was expected and what to do: one paragraph per problem, to standard error; for
 * programs one JSON object. A problem that brings no remedy of its own has the one of its code.
 *
 * @returns the exit code of the first problem
 */
export function printProblems(
  problems: readonly [Problem, ...Problem[]],
  terminal: Terminal,
  { style, json }: OutputForm,
): number {
  const told = problems.map(withRemedy);
  if (json) terminal.error(`${JSON.stringify({ problems: told }, null, 2)}\n`);
  else for (const problem of told) terminal.error(describeProblem(problem, style));
  return exitCodeOf(problems[0].code);
}

function withRemedy(problem: Problem): Problem {
  return problem.remedy ? problem : { ...problem, remedy: errorCodes[problem.code].remedy };
}

function describeProblem(problem: Problem, style: Style): string {
  const facts = [
    problem.field ? `field: ${problem.field}` : '',
    problem.value === undefined ? '' : `value: ${problem.value}`,
    problem.limit === undefined ? '' : `limit: ${problem.limit}`,
    problem.subject ? `subject: ${problem.subject}` : '',
  ].filter((each) => each !== '');
  const lines = [`${style.bad('error')} ${style.strong(problem.code)}: ${visibleText(problem.message)}`];
  if (facts.length > 0) lines.push(`  ${visibleText(facts.join('   '))}`);
  if (problem.remedy) lines.push(`  ${style.quiet('→')} ${visibleText(problem.remedy)}`);
  return `${lines.join('\n')}\n`;
}

/** For what should never happen: says so and where to look. */
export function printBug(thrown: unknown, terminal: Terminal, { json }: { readonly json: boolean }): number {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  if (json) {
    const problem: Problem = { code: 'INTERNAL', message: 'this is a bug in mesh', value: text };
    terminal.error(`${JSON.stringify({ problems: [problem] }, null, 2)}\n`);
  } else terminal.error(`error INTERNAL: this is a bug in mesh.\n${text}\n`);
  return exitCodes.internal;
}
