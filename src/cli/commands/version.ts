import type { Command } from 'commander';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';

/** `mesh version` */
export function defineVersionCommand(command: Command, bind: Bind): void {
  command.addHelpText('after', examples('mesh version', 'mesh version -o json')).action(
    bind(async (session) => {
      const { version } = session.context;
      session.printText(session.json ? `${JSON.stringify({ version })}\n` : `${version}\n`);
      return 0;
    }),
  );
}
