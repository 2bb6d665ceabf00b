import { create } from '@bufbuild/protobuf';
import { type Command, Option } from 'commander';
import { formatDuration } from '../../base/duration.ts';
import type { Plan } from '../../domain/plan.ts';
import { type PlanStatus, planStatuses } from '../../domain/plan-status.ts';
import type { Plan as PlanMessage } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { ListPlansResponseSchema } from '../../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { planStatusCodec } from '../../wire/enums.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { formatBytes } from '../format.ts';
import { wholeNumber } from '../options.ts';
import { planOf } from '../plan-reader.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { textTable } from '../text-table.ts';
import { paintStatus } from '../views/plan-view.ts';
import { printWatched, type WatchAnswerOptions, withWatch } from '../watch-answer.ts';

interface ListOptions extends WatchAnswerOptions {
  readonly namespace: string;
  readonly status: readonly PlanStatus[];
  readonly limit: number;
  readonly oldestFirst?: boolean;
}

export function addListCommand(parent: Command, bind: Bind): void {
  withWatch(parent.command('list').alias('ls'))
    .description('list plans, newest first')
    .option('-n, --namespace <name>', 'only of this namespace', '')
    .addOption(
      new Option('-s, --status <status...>', 'only in these statuses').choices(planStatuses).default([]),
    )
    .option('--limit <n>', 'most plans to list', wholeNumber, 50)
    .option('--oldest-first', 'the oldest first instead of the newest')
    .addHelpText('after', examples('mesh shards rebalance list --status pendingApproval executing'))
    .action(
      bind(async (session, options: ListOptions) =>
        printWatched(session, options, { namespace: options.namespace }, () => listPlans(session, options)),
      ),
    );
}

async function listPlans(session: Session, options: ListOptions): Promise<number> {
  const statuses = options.status.map((status) => planStatusCodec.toMessage(status));
  const client = await session.client();
  const { namespace, oldestFirst = false } = options;
  const listing = client.listPlans({ namespace, statuses, oldestFirst }, options.limit);
  const plans: PlanMessage[] = [];
  for await (const plan of listing) plans.push(plan);
  if (session.json) {
    printMessage(session, ListPlansResponseSchema, create(ListPlansResponseSchema, { plans }));
    return 0;
  }
  const now = session.context.clock.now();
  session.printText(
    textTable<Plan>(
      [
        { title: 'PLAN', value: (plan) => plan.id },
        { title: 'NAMESPACE', value: (plan) => plan.namespace },
        { title: 'KIND', value: (plan) => plan.kind },
        {
          title: 'STATUS',
          value: (plan) => plan.status,
          paint: (_, plan) => paintStatus(plan.status, session.style),
        },
        { title: 'MOVES', align: 'right', value: (plan) => String(plan.summary.moves) },
        { title: 'COPIES', align: 'right', value: (plan) => formatBytes(plan.summary.bytes) },
        { title: 'PEAK/MEAN', value: worstBalance },
        { title: 'BY', value: (plan) => plan.createdBy },
        {
          title: 'AGE',
          align: 'right',
          value: (plan) => formatDuration(Math.max(0, now - plan.createdAt)),
        },
        { title: 'OUTCOME', value: (plan) => plan.outcome?.code ?? '' },
      ],
      plans.map(planOf),
    ),
  );
  return 0;
}

/** `2.31 → 1.05` in the dimension that is worst before. */
function worstBalance(plan: Plan): string {
  const worst = plan.summary.before.reduce(
    (best, each, index) => (each.peakToMean > (plan.summary.before[best]?.peakToMean ?? 0) ? index : best),
    0,
  );
  const before = plan.summary.before[worst];
  const after = plan.summary.after[worst];
  return before && after ? `${before.peakToMean.toFixed(2)} → ${after.peakToMean.toFixed(2)}` : '-';
}
