import { create } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { PlanFileSchema } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { chosenNamespace } from '../namespace.ts';
import {
  byteCount,
  collect,
  idempotencyKey,
  share,
  wholeNumber,
  withNamespace,
  withOverrides,
  withReason,
} from '../options.ts';
import { planOf, readMoveRows } from '../plan-reader.ts';
import type { Session } from '../session.ts';
import { movesTable } from '../views/move-view.ts';
import { describePlan } from '../views/plan-view.ts';
import { whatIfForms } from '../what-if-option.ts';
import { refuseFileOptions, refuseWarmStart } from './file-options.ts';
import { followPlan } from './plan-follow.ts';
import type { PlanOptions } from './plan-options.ts';
import { printPlanFile } from './plan-show.ts';

/** Moves that are listed below a new plan. */
const movesShown = 10;

export function addPlanCommand(parent: Command, bind: Bind): void {
  withOverrides(withReason(withNamespace(parent.command('plan'))))
    .description(
      'look at the fleet now and make a plan: it waits for approval, or starts where policy says so',
    )
    .option('--dry-run', 'only show what it would do; never executes')
    .option('--seed <n>', 'seed of the search: equal inputs and seeds give equal plans', wholeNumber, 0)
    .option('--max-moves <n>', 'fewer moves than policy allows', wholeNumber)
    .option('--max-bytes <size>', 'fewer bytes than policy allows', byteCount)
    .option('--max-share <share>', 'a smaller share of the shards than policy allows', share)
    .option('-w, --wait', 'wait until the plan has ended and show its progress')
    .option('-q, --quiet', 'with --wait: only the end, no line per event')
    .option(
      '--what-if <change>',
      'only answer what would be done if the fleet or the policy were different; repeatable, see below',
      collect,
      [] as string[],
    )
    .option('--snapshot <file>', 'plan for this snapshot, without a service')
    .option(
      '--warm-start <file>',
      'begin with the moves that this plan did not make, with --snapshot; a service does so by itself',
    )
    .option(
      '--policy <file>',
      'policy to plan by, with --snapshot; repeatable: cluster and namespace',
      collect,
      [] as string[],
    )
    .option(
      '--scoring-module <path>',
      'module of scoring adapters, with --snapshot; repeatable',
      collect,
      [] as string[],
    )
    .option(
      '--planner-module <path>',
      'module of planner extensions, with --snapshot; repeatable',
      collect,
      [] as string[],
    )
    .addHelpText('after', whatIfHelp)
    .addHelpText(
      'after',
      examples(
        'mesh shards rebalance plan --namespace orders --dry-run',
        'mesh shards rebalance plan --namespace orders --reason "n12 is hot" --ticket CHG-1042',
        'mesh shards rebalance plan --snapshot fleet.json --policy policy.yaml -o json     (needs no service)',
        'mesh shards rebalance plan --what-if add-nodes=3,like=n0001,zone=z2 --what-if drain=n0002',
        'mesh shards rebalance plan --what-if scale-load=1.3,dimension=cpu,group=orders --what-if policy=new.yaml',
        'mesh shards rebalance plan --override SHARE_OF_SHARDS="new zone, agreed in CHG-1042"',
      ),
    )
    .action(
      bind(async (session, options: PlanOptions) => {
        if (options.whatIf.length > 0)
          return (await import('./plan-what-if.ts')).planWhatIf(session, options);
        return options.snapshot === undefined
          ? planOnline(session, options)
          : (await import('./plan-from-files.ts')).planFromFiles(session, options, options.snapshot);
      }),
    );
}

/** The forms of `--what-if`, as help has them. */
const whatIfHelp = `
What if (nothing is touched or stored; each change sees those before it):
${whatIfForms
  .map(({ verb, value, keys, text }) => {
    const more = keys.length === 0 ? '' : `; may be followed by ${keys.map((key) => `,${key}=`).join(' ')}`;
    return `  ${`${verb}=${value}`.padEnd(18)} ${text}${more}`;
  })
  .join('\n')}`;

async function planOnline(session: Session, options: PlanOptions): Promise<number> {
  refuseWarmStart(options.warmStart, 'the service begins by itself with what the last plan left');
  refuseFileOptions(
    options,
    'the service plans by the policies applied to it',
    'Add --snapshot to plan from files, or apply the policy first: mesh policies apply.',
  );
  const namespace = await chosenNamespace(session, options);
  const position = (await session.call((client) => client.status.getStatus({}))).eventHead;
  const answer = await session.call((client) =>
    client.plans.createPlan({
      namespace,
      dryRun: options.dryRun ?? false,
      seed: BigInt(options.seed),
      budget: {
        ...(options.maxMoves === undefined ? {} : { maxMoves: BigInt(options.maxMoves) }),
        ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
        ...(options.maxShare === undefined ? {} : { maxShareOfShards: options.maxShare }),
      },
      overrides: [...options.override],
      idempotencyKey: idempotencyKey(session.context.random),
      reason: options.reason,
      changeTicket: options.ticket,
    }),
  );
  const plan = planOf(answer.plan);
  if (session.json && !options.wait) {
    await printPlanFile(session, create(PlanFileSchema, { plan: answer.plan, obstacles: answer.obstacles }));
    return exitCodes.done;
  }
  if (!session.json) {
    session.printText(describePlan(plan, session.context.clock.now(), session.style));
    if (plan.summary.moves > 0)
      session.printText(`\n${movesTable(await readMoveRows(session, plan.id, movesShown))}`);
    if (plan.summary.moves > movesShown)
      session.printText(
        `... and ${plan.summary.moves - movesShown} more: mesh shards rebalance show ${plan.id} --all\n`,
      );
  }
  return options.wait && !options.dryRun
    ? followPlan(session, plan.id, position, options.quiet)
    : exitCodes.done;
}
