import { type Command, Option } from 'commander';
import type { Bind } from '../action.ts';
import type { ServeOptions } from '../cli-context.ts';
import { examples } from '../examples.ts';
import { collect } from '../options.ts';

/** `mesh rebalancer serve`, `mesh status`, `mesh version`. */
export function addServiceCommands(rebalancer: Command, bind: Bind): void {
  rebalancer.addHelpText(
    'after',
    examples(
      'mesh rebalancer serve --dev --fleet http://127.0.0.1:7500 --namespace orders --data-dir ./data',
    ),
  );
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
    .option('--dev', 'makes a certificate and credentials for trying out; on loopback only')
    .option('--no-http3', 'serve over TCP only')
    .addOption(
      new Option('--scoring-module <path>', 'module that exports scoring adapters; repeatable').argParser(
        (text: string, before: readonly string[] | undefined) => collect(text, before ?? []),
      ),
    )
    .addOption(
      new Option('--planner-module <path>', 'module that exports planner extensions; repeatable').argParser(
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
      examples(
        'mesh rebalancer serve --dev --fleet http://127.0.0.1:7500 --namespace orders --data-dir ./data',
      ),
    )
    .action(
      bind(async (session, { http3, ...options }: ServeOptions) =>
        // Commander says true where nothing was said, and that is for the file to say.
        session.context.services.serve(
          { ...options, ...(http3 === false ? { http3 } : {}) },
          session.context,
        ),
      ),
    );
}
