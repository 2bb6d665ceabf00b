import type { CommanderError } from 'commander';
import type { ErrorCode } from '../domain/error-codes.ts';
import type { Terminal } from './cli-context.ts';
import { exitCodes } from './exit-codes.ts';

/** What commander's own codes are in ours; the others are values that do not fit. */
const codes: ReadonlyMap<string, ErrorCode> = new Map([
  ['commander.unknownCommand', 'FIELD_UNKNOWN'],
  ['commander.unknownOption', 'FIELD_UNKNOWN'],
  ['commander.excessArguments', 'FIELD_UNKNOWN'],
  ['commander.missingArgument', 'FIELD_REQUIRED'],
  ['commander.missingMandatoryOptionValue', 'FIELD_REQUIRED'],
  ['commander.optionMissingArgument', 'FIELD_REQUIRED'],
  ['commander.conflictingOption', 'FIELDS_CONTRADICT'],
]);

/**
 * Says what is wrong with a command line, to standard error.
 *
 * @param text what commander says about it, for people
 * @param json whether a program reads it
 * @returns the exit code
 */
export function printUsageError(
  error: CommanderError,
  text: string,
  terminal: Terminal,
  json: boolean,
): number {
  if (!json) terminal.error(text);
  else {
    const problem =
      error.code === 'commander.help'
        ? { code: 'FIELD_REQUIRED', message: 'a command is missing', remedy }
        : {
            code: codes.get(error.code) ?? 'FIELD_INVALID',
            message: error.message.replace(/^error: /, '').replaceAll('\n', ' '),
            remedy,
          };
    terminal.error(`${JSON.stringify({ problems: [problem] }, null, 2)}\n`);
  }
  return exitCodes.usage;
}

const remedy = 'mesh --help, and --help after any command, says more.';
