import { create } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { PlanFileSchema } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import type { Bind } from '../action.ts';
import { type ConfirmOptions, confirm, withConfirmation } from '../confirm.ts';
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
import { followPlan } from './plan-follow.ts';
import { printPlanFile } from './plan-show.ts';

interface RollbackOptions extends ReasonOptions, ConfirmOptions {
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly quiet?: boolean;
  readonly override: readonly OverrideOption[];
}

export function addRollbackCommand(parent: Command, bind: Bind): void {
  withConfirmation(withOverrides(withReason(parent.command('rollback <plan>'))))
    .description('make the plan that takes back what a plan completed; it is approved and run like any other')
    .option('--dry-run', 'only show it')
    .option('-w, --wait', 'wait until the plan has ended and show its progress')
    .option('-q, --quiet', 'with --wait: only the end, no line per event')
    .addHelpText(
      'after',
      examples('mesh shards rebalance rollback PLAN --reason "latency regressed after the moves"'),
    )
    .action(
      bind(async (session, id: string, options: RollbackOptions) => {
        const refused = options.dryRun
          ? undefined
          : await confirm(session, options, `Make the plan that takes back plan ${id}`);
        if (refused !== undefined) return refused;
        const position = (await session.call((client) => client.status.getStatus({}))).eventHead;
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
        const waits = options.wait === true && !options.dryRun;
        if (session.json && !waits) {
          await printPlanFile(
            session,
            create(PlanFileSchema, { plan: answer.plan, obstacles: answer.obstacles }),
          );
          return exitCodes.done;
        }
        const plan = planOf(answer.plan);
        if (!session.json) session.printText(describePlan(plan, session.context.clock.now(), session.style));
        return waits ? followPlan(session, plan.id, position, options.quiet) : exitCodes.done;
      }),
    );
}
