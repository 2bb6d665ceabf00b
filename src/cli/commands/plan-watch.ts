import { toJson } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { EventSchema } from '../../gen/meshkit/rebalancer/v1/event_pb.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { wholeNumber } from '../options.ts';
import type { Session } from '../session.ts';
import { describeEvent } from '../views/event-view.ts';
import { followPlan } from './plan-follow.ts';

interface WatchOptions {
  readonly namespace: string;
  readonly resumeToken?: number;
  readonly quiet?: boolean;
}

export function addWatchCommand(parent: Command, bind: Bind): void {
  parent
    .command('watch [plan]')
    .description('follow a plan until it has ended, or every event until interrupted')
    .option('-n, --namespace <name>', 'only of this namespace', '')
    .option(
      '--resume-token <position>',
      'events after this position, as an earlier watch printed it',
      wholeNumber,
    )
    .addHelpText(
      'after',
      examples(
        'mesh shards rebalance watch PLAN          (exit code 8 unless it completes)',
        'mesh shards rebalance watch -o json       (one event a line)',
      ),
    )
    .action(
      bind(async (session, id: string | undefined, options: WatchOptions) => {
        if (id !== undefined) {
          const head = (await session.call((client) => client.status.getStatus({}))).eventHead;
          return followPlan(
            session,
            id,
            options.resumeToken === undefined ? head : BigInt(options.resumeToken),
          );
        }
        return followAll(session, options);
      }),
    );
}

async function followAll(session: Session, options: WatchOptions): Promise<number> {
  const { signal, terminal } = session.context;
  let position: bigint | undefined;
  const events = (await session.client()).watch({
    namespace: options.namespace,
    ...(options.resumeToken === undefined ? {} : { resumeToken: BigInt(options.resumeToken) }),
    signal,
    onStart: (start) => {
      position = start;
    },
    onReconnect: (waitMs) => terminal.error(`connection lost; trying again in ${waitMs} ms\n`),
  });
  for await (const event of events) {
    position = event.sequence;
    session.printText(
      session.json ? `${JSON.stringify(toJson(EventSchema, event))}\n` : describeEvent(event),
    );
  }
  if (position !== undefined) terminal.error(`resume with --resume-token ${position}\n`);
  return exitCodes.interrupted;
}
