import { type Command, Option } from 'commander';
import { GetStatusResponseSchema } from '../../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import type { ServeOptions } from '../cli-context.ts';
import { formatTime } from '../format.ts';
import { collect, group } from '../options.ts';
import type { Bind } from '../program.ts';

/** `mesh rebalancer serve`, `mesh status`, `mesh version`. */
export function addServiceCommands(program: Command, bind: Bind): void {
  const rebalancer = group(program, 'rebalancer', 'the service');
  rebalancer
    .command('serve')
    .description('run the rebalancer until interrupted; prints one JSON line when it is ready')
    .option('-c, --config <file>', 'configuration file (YAML); flags go before it')
    .option('--cluster <name>', 'cluster that it works for')
    .addOption(
      new Option('-n, --namespace <name>', 'namespace that it works for; repeatable').argParser(
        (text: string, before: readonly string[] | undefined) => collect(text, before ?? []),
      ),
    )
    .option('--fleet <url>', 'address of the fleet: MeshKit.Shards, movement, peers, backpressure')
    .option('--data-dir <folder>', 'where its state lives; made when it does not exist')
    .option('--listen <host:port>', 'address to listen on')
    .option('--dev', 'development credentials, on loopback only')
    .addOption(
      new Option('--scoring-module <path>', 'module that exports scoring adapters; repeatable').argParser(
        (text: string, before: readonly string[] | undefined) => collect(text, before ?? []),
      ),
    )
    .addOption(
      new Option('--log-level <level>', 'least level of log lines').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .addHelpText(
      'after',
      '\nExample:\n  mesh rebalancer serve --dev --fleet http://127.0.0.1:7500 --namespace orders --data-dir ./data\n',
    )
    .action(
      bind(async (session, options: ServeOptions) =>
        session.context.services.serve(options, session.context),
      ),
    );
  program
    .command('status')
    .description('show what runs at the address and whether it is ready')
    .action(
      bind(async (session) => {
        const answer = await session.call((client) => client.status.getStatus({}));
        if (session.json) session.printJson(GetStatusResponseSchema, answer);
        else {
          const state = answer.ready
            ? session.style.good('ready')
            : session.style.warn('not ready: some namespace has no snapshot yet');
          session.printText(
            `mesh ${answer.version} at ${session.address}: ${state}\n  cluster     ${answer.cluster}\n  namespaces  ${answer.namespaces.join(', ')}\n  since       ${formatTime(answer.startedAt)}\n`,
          );
        }
        return 0;
      }),
    );
  program
    .command('version')
    .description('print the version of this program')
    .action(
      bind(async (session) => {
        const { version } = session.context;
        session.printText(session.json ? `${JSON.stringify({ version })}\n` : `${version}\n`);
        return 0;
      }),
    );
}
