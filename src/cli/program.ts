import { Command, CommanderError, Option } from 'commander';
import type { CliContext } from './cli-context.ts';
import { addAuditCommands } from './commands/audit.ts';
import { addControllerCommands } from './commands/controllers.ts';
import { addFleetCommands } from './commands/fleet.ts';
import { addIncidentCommands } from './commands/incidents.ts';
import { addPeerCommands } from './commands/peers.ts';
import { addPolicyCommands } from './commands/policies.ts';
import { addRebalanceCommands } from './commands/rebalance.ts';
import { addServiceCommands } from './commands/service.ts';
import { addSnapshotCommands } from './commands/snapshot.ts';
import { exitCodes } from './exit-codes.ts';
import { type Action, action, defaultAddress } from './session.ts';

/** Registers a command's function; every command file gets one. */
export type Bind = <Args extends unknown[]>(
  run: Action<Args>,
) => (...args: [...Args, Command]) => Promise<void>;

/**
 * Runs one command line.
 *
 * @param args without the program's name: `['shards', 'rebalance', 'list']`
 * @returns the exit code; see `exit-codes.ts`
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  let exitCode: number = exitCodes.done;
  const bind: Bind = (run) =>
    action(
      context,
      (code) => {
        exitCode = code;
      },
      run,
    );
  const program = createProgram(context, bind);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed help, the version or what is wrong with the arguments.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  return exitCode;
}

export function createProgram(context: CliContext, bind: Bind): Command {
  const program = new Command('mesh')
    .description(
      'Keeps the shards of a fleet well placed: explained, approved, executed, audited, reversible.',
    )
    .addOption(
      new Option('--address <url>', `the rebalancer to talk to (MESH_ADDRESS; default ${defaultAddress})`),
    )
    .addOption(
      new Option(
        '--as <principal>',
        'who asks, with a --dev service: NAME or NAME;groups=A,B (MESH_PRINCIPAL)',
      ),
    )
    .addOption(
      new Option('-o, --output <form>', 'form of the answer').choices(['table', 'json']).default('table'),
    )
    .addOption(new Option('--timeout <seconds>', 'how long to wait for an answer').argParser(positiveNumber))
    .option('--no-color', 'no colour (also NO_COLOR)')
    .version(context.version, '-V, --version', 'print the version')
    .showHelpAfterError('(mesh --help says more)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.terminal.out(text),
      writeErr: (text) => context.terminal.error(text),
    })
    .configureHelp({ helpWidth: Math.min(110, context.terminal.columns), sortSubcommands: false });
  addRebalanceCommands(program, bind);
  addPolicyCommands(program, bind);
  addIncidentCommands(program, bind);
  addPeerCommands(program, bind);
  addControllerCommands(program, bind);
  addAuditCommands(program, bind);
  addSnapshotCommands(program, bind);
  addServiceCommands(program, bind);
  addFleetCommands(program, bind);
  program.addHelpText('after', exitCodeHelp);
  inherit(program);
  return program;
}

/** Settings that commander does not hand down to commands which were added whole. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}

function positiveNumber(text: string): string {
  if (!(Number(text) > 0))
    throw new CommanderError(2, 'mesh.invalid', `"${text}" is not a number of seconds above 0`);
  return text;
}

const exitCodeHelp = `
Exit codes:
  0 done   1 a bug of ours   2 wrong arguments or input   3 not authenticated or not allowed   4 not found
  5 conflict or stale   6 blocked by a guardrail or policy   7 unreachable   8 the plan ended without completing
  130 interrupted
`;
