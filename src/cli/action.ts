import { type Command, CommanderError } from 'commander';
import { ProblemError } from '../domain/problem.ts';
import type { CliContext } from './cli-context.ts';
import type { GlobalOptions } from './global-options.ts';
import { outputForm } from './output-form.ts';
import { printBug, printProblems } from './print-problems.ts';
import { createSession, type Session } from './session.ts';

/** What a command does; the number is the exit code. */
export type Action<Args extends unknown[]> = (session: Session, ...args: Args) => Promise<number>;

/** Turns a command's function into commander's; every command file gets one. */
export type Bind = <Args extends unknown[]>(
  run: Action<Args>,
) => (...args: [...Args, Command]) => Promise<void>;

/**
 * Makes the session, and prints what goes wrong.
 *
 * @param done told the exit code
 */
export function createBind(context: CliContext, done: (exitCode: number) => void): Bind {
  return <Args extends unknown[]>(run: Action<Args>) =>
    async (...all: [...Args, Command]) => {
      const command = all.at(-1) as Command;
      const args = all.slice(0, -1) as unknown as Args;
      const options = command.optsWithGlobals<GlobalOptions>();
      const session = createSession(context, options);
      try {
        done(await run(session, ...args));
      } catch (thrown) {
        // An argument that only the command itself can judge is as wrong as one that the parser refuses.
        if (thrown instanceof CommanderError) command.error(`error: ${thrown.message}`, thrown);
        const form = outputForm(context, options);
        done(
          thrown instanceof ProblemError
            ? printProblems(thrown.problems, context.terminal, form)
            : printBug(thrown, context.terminal, form),
        );
      } finally {
        await session.close();
      }
    };
}
