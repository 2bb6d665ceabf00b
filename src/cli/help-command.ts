import type { Command } from 'commander';
import { closestName } from '../wire/closest-name.ts';

/**
 * `mesh help`, `mesh help shards rebalance plan`, `mesh help exit-codes`.
 *
 * @param complete gives a command of the first level its own commands
 */
export function addHelpCommand(
  program: Command,
  topics: Readonly<Record<string, string>>,
  complete: (command: Command) => Promise<void>,
): void {
  program
    .command('help')
    .description(`explain a command, or: ${Object.keys(topics).join(', ')}`)
    .argument('[command...]', 'for instance: shards rebalance plan')
    .action(async (path: readonly string[]) => {
      const topic = topics[path.join(' ')];
      if (topic !== undefined) {
        program.configureOutput().writeOut?.(`${topic.trim()}\n`);
        return;
      }
      let command = program;
      for (const name of path) {
        const next = childNamed(command, name);
        if (!next) return unknown(command, name);
        if (command === program) await complete(next);
        command = next;
      }
      command.help();
    });
}

function childNamed(command: Command, name: string): Command | undefined {
  return command.commands.find((each) => each.name() === name || each.aliases().includes(name));
}

function unknown(command: Command, name: string): never {
  const near = closestName(
    name,
    command.commands.map((each) => each.name()),
  );
  const hint = near === undefined ? '' : `\n(Did you mean ${near}?)`;
  return command.error(`error: unknown command '${name}'${hint}`, {
    code: 'commander.unknownCommand',
    exitCode: 2,
  });
}
