import type { Command } from 'commander';
import type { Plan } from '../../domain/plan.ts';
import { ProblemError } from '../../domain/problem.ts';
import { PlanSchema } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import type { Bind } from '../action.ts';
import { type ConfirmOptions, confirm, withConfirmation } from '../confirm.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { type ReasonOptions, withReason } from '../options.ts';
import { planOf, readMoveRows, readPlan } from '../plan-reader.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { movesTable } from '../views/move-view.ts';
import { describePlan } from '../views/plan-view.ts';
import { followPlan } from './plan-follow.ts';

interface ApproveOptions extends ReasonOptions {
  readonly digest?: string;
  readonly wait?: boolean;
  readonly quiet?: boolean;
}

/** Moves that a person sees before being asked. */
const movesShown = 10;

export function addApproveCommand(parent: Command, bind: Bind): void {
  withReason(parent.command('approve <plan>'))
    .description('consent to exactly the content that the digest names')
    .option(
      '-d, --digest <digest>',
      'digest of the plan that you read; asked for on a terminal when left out',
    )
    .option('-w, --wait', 'wait until the plan has ended and show its progress')
    .option('-q, --quiet', 'with --wait: only the end, no line per event')
    .addHelpText(
      'after',
      examples('mesh shards rebalance approve PLAN --digest sha256:... --ticket CHG-1042 --wait'),
    )
    .action(
      bind(async (session, id: string, options: ApproveOptions) => {
        const digest = options.digest ?? (await askForDigest(session, id));
        if (digest === undefined) return exitCodes.usage;
        const position = (await session.call((client) => client.status.getStatus({}))).eventHead;
        const answer = await session.call((client) =>
          client.plans.approvePlan({ id, digest, reason: options.reason, changeTicket: options.ticket }),
        );
        const plan = planOf(answer.plan);
        if (options.wait && plan.status !== 'pendingApproval')
          return followPlan(session, id, position, options.quiet);
        if (session.json && answer.plan) printMessage(session, PlanSchema, answer.plan);
        else session.printText(describeApproval(plan));
        return exitCodes.done;
      }),
    );
}

export function addRejectCommand(parent: Command, bind: Bind): void {
  withConfirmation(withReason(parent.command('reject <plan>')))
    .description('say no to a plan that waits for approval')
    .addHelpText('after', examples('mesh shards rebalance reject PLAN --reason "wait for the release"'))
    .action(
      bind(async (session, id: string, options: ReasonOptions & ConfirmOptions) => {
        const refused = await confirm(session, options, `Reject plan ${id}`);
        if (refused !== undefined) return refused;
        const answer = await session.call((client) =>
          client.plans.rejectPlan({ id, reason: options.reason, changeTicket: options.ticket }),
        );
        if (session.json && answer.plan) printMessage(session, PlanSchema, answer.plan);
        else session.printText(`Plan ${id} is rejected.\n`);
        return exitCodes.done;
      }),
    );
}

async function askForDigest(session: Session, id: string): Promise<string | undefined> {
  const plan = await readPlan(session, id);
  // Whoever asks for JSON is a program, which is not asked.
  const answer = session.json ? undefined : await showAndAsk(session, plan);
  if (answer === undefined) {
    throw new ProblemError({
      code: 'FIELD_REQUIRED',
      message: 'an approval names the digest of the plan that was read',
      field: '--digest',
      subject: `plan/${id}`,
      remedy: `Read the plan; if you consent to it, add --digest ${plan.digest}.`,
    });
  }
  if (/^y(es)?$/i.test(answer.trim())) return plan.digest;
  session.context.terminal.error('Not approved.\n');
  return undefined;
}

async function showAndAsk(session: Session, plan: Plan): Promise<string | undefined> {
  const { terminal, clock, ask } = session.context;
  terminal.error(describePlan(plan, clock.now(), session.style));
  terminal.error(`\n${movesTable(await readMoveRows(session, plan.id, movesShown))}\n`);
  return ask('Approve exactly this plan? [y/N] ');
}

function describeApproval(plan: Plan): string {
  const missing = plan.approval.required - plan.approvals.length;
  if (plan.status === 'pendingApproval' && missing > 0) {
    const more = missing === 1 ? 'one more approval is' : `${missing} more approvals are`;
    return `Approved; ${more} needed before plan ${plan.id} runs.\n`;
  }
  return `Plan ${plan.id} is ${plan.status}. Follow it with: mesh shards rebalance watch ${plan.id}\n`;
}
