import { create } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { PlanFileSchema } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import {
  idempotencyKey,
  type OverrideOption,
  type ReasonOptions,
  withOverrides,
  withReason,
} from '../options.ts';
import { planOf } from '../plan-reader.ts';
import { describePlan } from '../views/plan-view.ts';
import { printPlanFile } from './plan-show.ts';

interface RollbackOptions extends ReasonOptions {
  readonly dryRun?: boolean;
  readonly override: readonly OverrideOption[];
}

export function addRollbackCommand(parent: Command, bind: Bind): void {
  withOverrides(withReason(parent.command('rollback <plan>')))
    .description('make the plan that takes back what a plan completed; it is approved and run like any other')
    .option('--dry-run', 'only show it')
    .addHelpText(
      'after',
      examples('mesh shards rebalance rollback PLAN --reason "latency regressed after the moves"'),
    )
    .action(
      bind(async (session, id: string, options: RollbackOptions) => {
        const answer = await session.call((client) =>
          client.plans.rollbackPlan({
            id,
            dryRun: options.dryRun ?? false,
            overrides: [...options.override],
            idempotencyKey: idempotencyKey(session.context.random),
            reason: options.reason,
            changeTicket: options.ticket,
          }),
        );
        if (session.json) {
          await printPlanFile(
            session,
            create(PlanFileSchema, { plan: answer.plan, obstacles: answer.obstacles }),
          );
        } else
          session.printText(describePlan(planOf(answer.plan), session.context.clock.now(), session.style));
        return exitCodes.done;
      }),
    );
}
