import type { Command } from 'commander';
import { ProblemError } from '../domain/problem.ts';
import { exitCodes } from './exit-codes.ts';
import type { Session } from './session.ts';

export interface ConfirmOptions {
  readonly yes?: boolean;
}

/** For commands whose effect cannot simply be taken back. */
export function withConfirmation(command: Command): Command {
  return command.option('-y, --yes', 'do not ask; needed where nobody can answer');
}

/**
 * Asks a person, unless `--yes` says that it was thought about.
 *
 * @param question what will happen, without its question mark
 * @returns undefined to go on; an exit code when the person said no
 * @throws ProblemError CONFIRMATION_REQUIRED where nobody can answer
 */
export async function confirm(
  session: Session,
  options: ConfirmOptions,
  question: string,
): Promise<number | undefined> {
  if (options.yes) return undefined;
  // Whoever asks for JSON is a program, which is not asked.
  const answer = session.json ? undefined : await session.context.ask(`${question}? [y/N] `);
  if (answer === undefined) {
    throw new ProblemError({
      code: 'CONFIRMATION_REQUIRED',
      message: `${question}: nobody is there to confirm it`,
      field: '--yes',
      remedy: 'Add --yes.',
    });
  }
  if (/^y(es)?$/i.test(answer.trim())) return undefined;
  session.context.terminal.error('Nothing was changed.\n');
  return exitCodes.usage;
}
