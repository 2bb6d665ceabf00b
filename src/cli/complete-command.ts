import type { Command } from 'commander';
import type { CliContext } from './cli-context.ts';

/** `mesh __complete -- WORDS...`: what the scripts of `mesh completion` ask; not for people, and never an error. */
export function addCompleteCommand(
  program: Command,
  context: CliContext,
  load: (command: Command) => Promise<void>,
): void {
  program
    .command('__complete [words...]', { hidden: true })
    .helpCommand(false)
    .action(async (words: readonly string[]) => {
      const { completeWords } = await import('./completion/complete-words.ts');
      const { candidates, files } = await completeWords(words, {
        program,
        load,
        values: async (kind, options) =>
          (await import('./completion/known-values.ts')).knownValues(context, kind, options),
      });
      for (const { value, description } of candidates)
        context.terminal.out(description === '' ? `${value}\n` : `${value}\t${oneLine(description)}\n`);
      if (files) context.terminal.out(':files\n');
    });
}

function oneLine(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ');
}
