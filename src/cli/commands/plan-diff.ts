import type { Command } from 'commander';
import { DiffPlanResponseSchema } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { moveDriftFromMessage } from '../../wire/plan-codec.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { printMessage } from '../print-message.ts';
import { textTable } from '../text-table.ts';

export function addDiffCommand(parent: Command, bind: Bind): void {
  parent
    .command('diff <plan>')
    .description('show how the world differs from the one the plan was made for (exit code 5 when it does)')
    .addHelpText(
      'after',
      examples('mesh shards rebalance diff PLAN && mesh shards rebalance approve PLAN --digest DIGEST'),
    )
    .action(
      bind(async (session, id: string) => {
        const answer = await session.call((client) => client.plans.diffPlan({ id }));
        const drifted = answer.drifted.map(moveDriftFromMessage);
        if (session.json) printMessage(session, DiffPlanResponseSchema, answer);
        else if (drifted.length === 0) session.printText('Nothing that the plan relies on has changed.\n');
        else {
          session.printText(
            textTable(
              [
                { title: 'MOVE', value: (each) => each.moveId },
                { title: 'SHARD', value: (each) => each.shard },
                { title: 'CHANGED', value: (each) => each.what },
                { title: 'PLANNED FOR', value: (each) => each.expected },
                { title: 'NOW', value: (each) => each.actual },
              ],
              drifted,
            ),
          );
        }
        return drifted.length === 0 ? exitCodes.done : exitCodes.conflict;
      }),
    );
}
