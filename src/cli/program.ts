import { Command, CommanderError } from 'commander';
import { ProblemError } from '../domain/problem.ts';
import { type Bind, createBind } from './action.ts';
import type { CliContext } from './cli-context.ts';
import { commandGroups } from './command-groups.ts';
import { addCompleteCommand } from './complete-command.ts';
import { exitCodes } from './exit-codes.ts';
import { addGlobalOptions } from './global-options.ts';
import { addHelpCommand } from './help-command.ts';
import { printBug, printProblems } from './print-problems.ts';
import { createStyle } from './style.ts';
import { printUsageError } from './usage-error.ts';

/**
 * Runs one command line.
 *
 * @param args without the program's name: `['shards', 'rebalance', 'list']`
 * @returns the exit code; see `exit-codes.ts`
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  const { terminal } = context;
  let exitCode: number = exitCodes.done;
  let complaint = '';
  const bind = createBind(context, (code) => {
    exitCode = code;
  });
  const program = createProgram(context, bind, (text) => {
    complaint += text;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    const json = wantsJson(args);
    if (error instanceof ProblemError)
      return printProblems(error.problems, terminal, { style: createStyle(false), json });
    if (!(error instanceof CommanderError)) return printBug(error, terminal, { json });
    // Commander has printed help or the version, or told what is wrong with the arguments.
    return error.exitCode === 0 ? exitCodes.done : printUsageError(error, complaint, terminal, json);
  }
}

/** @param complain told what is wrong with the arguments, for people */
export function createProgram(context: CliContext, bind: Bind, complain: (text: string) => void): Command {
  const program = addGlobalOptions(new Command('mesh'))
    .description(
      'Keeps the shards of a fleet well placed: explained, approved, executed, audited, reversible.',
    )
    .version(context.version, '-V, --version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError('(mesh --help says more)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.terminal.out(text), writeErr: complain })
    .configureHelp({ helpWidth: Math.min(110, context.terminal.columns), sortSubcommands: false })
    .addHelpText('after', exitCodeHelp);
  for (const { name, description } of commandGroups) {
    program.command(name).description(description).helpCommand(false);
  }
  const complete = async (command: Command): Promise<void> => {
    const group = commandGroups.find((each) => each.name === command.name());
    const define = await group?.load();
    define?.(command, bind);
  };
  program.hook('preSubcommand', (_, command) => complete(command));
  addCompleteCommand(program, context, complete);
  addHelpCommand(program, { 'exit-codes': exitCodeHelp }, complete);
  return program;
}

/** By the arguments themselves, since they may be too wrong to be parsed. */
function wantsJson(args: readonly string[]): boolean {
  return /(^| )(-o ?|--output[ =])json( |$)/.test(args.join(' '));
}

const exitCodeHelp = `
Exit codes:
  0 done   1 a bug of ours   2 wrong arguments or input   3 not authenticated or not allowed   4 not found
  5 conflict or stale   6 blocked by a guardrail or policy   7 unreachable   8 the plan ended without completing
  130 interrupted   141 whoever read the output left before its end
`;
