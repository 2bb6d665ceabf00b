import type { Command } from 'commander';
import type { Plan } from '../../domain/plan.ts';
import type { Plan as PlanMessage } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { PlanSchema } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { InFlightHandling } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import type { Bind } from '../action.ts';
import { type ConfirmOptions, confirm, withConfirmation } from '../confirm.ts';
import { examples } from '../examples.ts';
import { type ReasonOptions, withReason } from '../options.ts';
import { planOf } from '../plan-reader.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { describeProgress } from '../views/plan-view.ts';

interface CancelOptions extends ReasonOptions, ConfirmOptions {
  readonly abort?: boolean;
}

/** What stops a plan in a second, and lets it go on. */
export function addCancelCommand(parent: Command, bind: Bind): void {
  withConfirmation(withReason(parent.command('cancel <plan>')))
    .description('withdraw a plan, or stop one that runs; what it has moved stays moved (see rollback)')
    .option('--abort', 'undo moves in flight that have not transferred, instead of letting them finish')
    .addHelpText(
      'after',
      examples(
        'mesh shards rebalance cancel PLAN',
        'mesh shards rebalance cancel PLAN --abort --reason "latency is rising"',
      ),
    )
    .action(
      bind(async (session, id: string, options: CancelOptions) => {
        const how = options.abort ? ' and undo its moves in flight' : '';
        const refused = await confirm(session, options, `Cancel plan ${id}${how}`);
        if (refused !== undefined) return refused;
        const inFlight = options.abort ? InFlightHandling.ABORT : InFlightHandling.FINISH;
        const answer = await session.call((client) =>
          client.plans.cancelPlan({ id, inFlight, reason: options.reason, changeTicket: options.ticket }),
        );
        return report(session, answer.plan);
      }),
    );
}

export function addPauseCommand(parent: Command, bind: Bind): void {
  withReason(parent.command('pause <plan>'))
    .description('let no new move of a plan start; moves in flight finish')
    .addHelpText('after', examples('mesh shards rebalance pause PLAN --reason "release in progress"'))
    .action(
      bind(async (session, id: string, options: ReasonOptions) => {
        const answer = await session.call((client) =>
          client.plans.pausePlan({ id, reason: options.reason, changeTicket: options.ticket }),
        );
        return report(session, answer.plan);
      }),
    );
}

export function addResumeCommand(parent: Command, bind: Bind): void {
  withReason(parent.command('resume <plan>'))
    .description('go on with a paused plan')
    .addHelpText('after', examples('mesh shards rebalance resume PLAN'))
    .action(
      bind(async (session, id: string, options: ReasonOptions) => {
        const answer = await session.call((client) =>
          client.plans.resumePlan({ id, reason: options.reason, changeTicket: options.ticket }),
        );
        return report(session, answer.plan);
      }),
    );
}

function report(session: Session, message: PlanMessage | undefined): number {
  const plan = planOf(message);
  if (session.json && message) printMessage(session, PlanSchema, message);
  else session.printText(`Plan ${plan.id} is ${standing(plan)}: ${describeProgress(plan)}.\n`);
  return 0;
}

/** A plan whose last moves are awaited is paused, but what its operator asked for is to cancel it. */
function standing({ status, outcome }: Plan): string {
  return status === 'paused' && outcome?.code === 'PLAN_CANCELLING' ? 'being cancelled' : status;
}
