import { Argument, type Command } from 'commander';
import type { Bind } from '../action.ts';
import { type Shell, shellScripts, shells } from '../completion/shell-scripts.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';

/** `mesh completion SHELL` */
export function defineCompletionCommand(completion: Command, bind: Bind): void {
  completion
    .addArgument(new Argument('<shell>', 'for which shell').choices(shells))
    .addHelpText(
      'after',
      examples(
        'mesh completion bash > ~/.local/share/bash-completion/completions/mesh',
        'mesh completion zsh > ~/.zfunc/_mesh',
        'mesh completion fish | source',
      ),
    )
    .action(
      bind(async (session, shell: Shell) => {
        session.printText(shellScripts[shell]);
        return exitCodes.done;
      }),
    );
}
