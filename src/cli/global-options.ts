import { type Command, Option } from 'commander';
import { transportChoices } from '../client/transports/transport-choice.ts';
import { positive } from './options.ts';
import { defaultAddress } from './settings/default-address.ts';

/** Options that every command has. */
export interface GlobalOptions {
  readonly address?: string;
  readonly transport?: string;
  readonly profile?: string;
  readonly ca?: string;
  readonly serverName?: string;
  readonly tokenFile?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly as?: string;
  readonly output?: string;
  readonly color?: boolean;
  /** Seconds. */
  readonly timeout?: number;
  readonly verbose?: boolean;
}

export function addGlobalOptions(program: Command): Command {
  return program
    .addOption(
      new Option('--address <url>', `the rebalancer to talk to (MESH_ADDRESS; default ${defaultAddress})`),
    )
    .addOption(
      new Option(
        '--transport <version>',
        'HTTP version: auto prefers HTTP/3 and takes less (MESH_TRANSPORT)',
      ).choices(transportChoices),
    )
    .addOption(
      new Option(
        '--profile <name>',
        'settings to use, see mesh config (MESH_PROFILE; default the current one)',
      ),
    )
    .addOption(new Option('--ca <file>', 'authorities to trust, PEM (MESH_CA; default those of the system)'))
    .addOption(
      new Option('--server-name <name>', "name to find in the service's certificate (MESH_SERVER_NAME)"),
    )
    .addOption(
      new Option(
        '--token-file <file>',
        'file with the token to show (MESH_TOKEN_FILE; also MESH_TOKEN, MESH_TOKEN_COMMAND)',
      ),
    )
    .addOption(new Option('--client-cert <file>', 'client certificate to show, PEM (MESH_CLIENT_CERT)'))
    .addOption(new Option('--client-key <file>', 'its key, PEM (MESH_CLIENT_KEY)'))
    .addOption(
      new Option(
        '--as <principal>',
        'who asks, with a --dev service: NAME or NAME;groups=A,B (MESH_PRINCIPAL)',
      ),
    )
    .addOption(
      new Option('-o, --output <form>', 'form of the answer').choices(['table', 'json']).default('table'),
    )
    .option('--timeout <seconds>', 'how long to wait for an answer', positive)
    .option('-v, --verbose', 'say by which HTTP version the service is reached, and why')
    .option('--no-color', 'no colour (also NO_COLOR)');
}
