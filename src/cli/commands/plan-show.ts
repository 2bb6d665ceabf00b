import { create } from '@bufbuild/protobuf';
import type { Command } from 'commander';
import { type PlanFile, PlanFileSchema } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { obstacleFromMessage } from '../../wire/plan-codec.ts';
import type { Bind } from '../action.ts';
import { examples } from '../examples.ts';
import { wholeNumber } from '../options.ts';
import { planOf, readMoveRows, readMoves } from '../plan-reader.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { movesTable, obstaclesTable } from '../views/move-view.ts';
import { describePlan } from '../views/plan-view.ts';
import { printWatched, type WatchAnswerOptions, withWatch } from '../watch-answer.ts';

interface ShowOptions extends WatchAnswerOptions {
  readonly moves: number;
  readonly all?: boolean;
}

/** Obstacles that are listed unless all are asked for. */
const obstaclesShown = 10;

export function addShowCommand(parent: Command, bind: Bind): void {
  withWatch(parent.command('show <plan>'))
    .description('show a plan: why, what it changes, how good it is, what stands in the way, its moves')
    .option('--moves <n>', 'how many moves to list', wholeNumber, 20)
    .option('--all', 'list every move, and everything that was not done')
    .addHelpText(
      'after',
      examples('mesh shards rebalance show PLAN', 'mesh shards rebalance show PLAN -o json > plan.json'),
    )
    .action(
      bind(async (session, id: string, options: ShowOptions) =>
        printWatched(session, options, { planId: id }, () => showPlan(session, id, options)),
      ),
    );
}

async function showPlan(session: Session, id: string, options: ShowOptions): Promise<number> {
  if (session.json) return showJson(session, id);
  const answer = await session.call((client) => client.plans.getPlan({ id }));
  const plan = planOf(answer.plan);
  session.printText(describePlan(plan, session.context.clock.now(), session.style));
  const limit = options.all ? Number.POSITIVE_INFINITY : options.moves;
  if (limit > 0 && plan.summary.moves > 0) {
    const rows = await readMoveRows(session, id, limit);
    session.printText(`\n${movesTable(rows)}`);
    const hidden = plan.summary.moves - rows.length;
    if (hidden > 0) session.printText(`... and ${hidden} more (--all)\n`);
  }
  const obstacles = answer.obstacles.map(obstacleFromMessage);
  const shown = options.all ? obstacles : obstacles.slice(0, obstaclesShown);
  if (shown.length > 0) session.printText(`\n${obstaclesTable(shown)}`);
  if (obstacles.length > shown.length) {
    session.printText(`... and ${obstacles.length - shown.length} more (--all)\n`);
  }
  return 0;
}

async function showJson(session: Session, id: string): Promise<number> {
  const answer = await session.call((client) => client.plans.getPlan({ id }));
  await printPlanFile(session, create(PlanFileSchema, { plan: answer.plan, obstacles: answer.obstacles }));
  return 0;
}

/** The whole plan as a plan file: the given header and obstacles with all of its moves. */
export async function printPlanFile(session: Session, file: PlanFile): Promise<void> {
  for await (const { move, progress } of readMoves(session, file.plan?.id ?? '', Number.POSITIVE_INFINITY)) {
    if (move) file.moves.push(move);
    if (progress) file.progress.push(progress);
  }
  printMessage(session, PlanFileSchema, file);
}
