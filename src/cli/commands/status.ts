import type { Command } from 'commander';
import { GetStatusResponseSchema } from '../../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { formatTime } from '../format.ts';
import { printMessage } from '../print-message.ts';

/** `mesh status` */
export function defineStatusCommand(status: Command, bind: Bind): void {
  status
    .addHelpText('after', examples('mesh status', 'mesh status --address https://rebalancer:7443 -o json'))
    .action(
      bind(async (session) => {
        const answer = await session.call((client) => client.status.getStatus({}));
        if (session.json) {
          printMessage(session, GetStatusResponseSchema, answer);
          return 0;
        }
        const state = answer.ready
          ? session.style.good('ready')
          : session.style.warn('not ready: some namespace has no snapshot yet');
        const lines = [
          `mesh ${answer.version} at ${(await session.client()).address}: ${state}`,
          `  cluster     ${answer.cluster}`,
          `  namespaces  ${answer.namespaces.join(', ')}`,
          `  since       ${formatTime(answer.startedAt)}`,
        ];
        session.printText(`${lines.join('\n')}\n`);
        return 0;
      }),
    );
}
