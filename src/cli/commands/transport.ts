import { toJson } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import type { ClientTransportStats } from '../../client/transports/negotiating-transport.ts';
import {
  type GetTransportStatsResponse,
  GetTransportStatsResponseSchema,
} from '../../gen/meshkit/rebalancer/v1/transport_service_pb.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTime } from '../format.ts';
import { textTable } from '../text-table.ts';

/** `mesh transport ...` */
export function addTransportCommands(transport: Command, bind: Bind): void {
  transport.addHelpText('after', examples('mesh transport stats'));
  transport
    .command('stats')
    .description(
      'show by which protocols the service is reached, and which clients got less than they wanted',
    )
    .addHelpText('after', examples('mesh transport stats', 'mesh --transport h2 transport stats -o json'))
    .action(
      bind(async (session) => {
        const answer = await session.call((client) => client.transports.getTransportStats({}));
        const own = (await session.client()).transport();
        if (session.json) {
          const service = toJson(GetTransportStatsResponseSchema, answer, { alwaysEmitImplicit: true });
          session.printText(`${JSON.stringify({ service, client: own }, null, 2)}\n`);
        } else session.printText(`${describeService(answer)}\n${describeClient(own)}`);
        return exitCodes.done;
      }),
    );
}

function describeService({
  since,
  transports,
  requests,
  downgrades,
  denials,
}: GetTransportStatsResponse): string {
  const tables = [
    `Served over ${transports.join(', ') || 'nothing'}; counted since ${formatTime(since)}.\n`,
    textTable(
      [
        { title: 'TRANSPORT', value: (each) => each.transport },
        { title: 'PROTOCOL', value: (each) => each.protocol },
        { title: 'KIND', value: (each) => each.rpcKind },
        { title: 'REQUESTS', align: 'right', value: (each) => String(each.count) },
      ],
      requests,
    ),
  ];
  if (downgrades.length > 0)
    tables.push(
      textTable(
        [
          { title: 'WANTED', value: (each) => each.from },
          { title: 'GOT', value: (each) => each.to },
          { title: 'REASON', value: (each) => each.reason },
          { title: 'CLIENTS', align: 'right', value: (each) => String(each.count) },
        ],
        downgrades,
      ),
    );
  if (denials.length > 0)
    tables.push(
      textTable(
        [
          { title: 'REFUSED', value: (each) => each.code },
          { title: 'REQUESTS', align: 'right', value: (each) => String(each.count) },
        ],
        denials,
      ),
    );
  return tables.join('\n');
}

function describeClient({ wanted, used, downgrades }: ClientTransportStats): string {
  const [downgrade] = downgrades;
  const when = downgrade?.afterMs === 0 ? 'remembered' : `after ${Math.round(downgrade?.afterMs ?? 0)} ms`;
  const why = downgrade ? `: ${downgrade.reason}, ${when}` : '';
  return `This client wanted ${wanted} and used ${used ?? 'no connection'}${why}.\n`;
}
