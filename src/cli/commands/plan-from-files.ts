import type { PlanView } from '../../controller/rebalancer.ts';
import type { GuardrailCode } from '../../domain/error-codes.ts';
import { expectOk } from '../../domain/problem.ts';
import { PlanFileSchema } from '../../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { expectFile } from '../../wire/expect-file.ts';
import { planViewToMessage } from '../../wire/plan-codec.ts';
import { parsePlanFile } from '../../wire/plan-file.ts';
import { type PolicyFile, parsePolicyFile } from '../../wire/policy-file.ts';
import { parseSnapshotFile } from '../../wire/snapshot-file.ts';
import { exitCodes } from '../exit-codes.ts';
import { printMessage } from '../print-message.ts';
import type { Session } from '../session.ts';
import { movesTable, obstaclesTable } from '../views/move-view.ts';
import { describePlan } from '../views/plan-view.ts';
import type { PlanOptions } from './plan-options.ts';

/** Plans for a snapshot file, without a service; loaded only then, since reading files takes much code. */
export async function planFromFiles(session: Session, options: PlanOptions, path: string): Promise<number> {
  const { context } = session;
  const snapshot = expectFile(path, parseSnapshotFile(await context.readFile(path)));
  const policies = await readPolicyFiles(session, options.policy);
  const { warmStart: earlier } = options;
  const warmStart =
    earlier === undefined ? undefined : expectFile(earlier, parsePlanFile(await context.readFile(earlier)));
  const view = expectOk(
    await context.services.planOffline({
      snapshot,
      policies,
      seed: options.seed,
      budget: { maxMoves: options.maxMoves, maxBytes: options.maxBytes, maxShareOfShards: options.maxShare },
      warmStart,
      overrides: options.override.map(({ code, reason }) => ({ code: code as GuardrailCode, reason })),
      scoringModules: options.scoringModule,
      plannerModules: options.plannerModule,
      folder: context.folder,
      reason: options.reason,
      changeTicket: options.ticket,
    }),
  );
  if (session.json) printMessage(session, PlanFileSchema, planViewToMessage(view));
  else session.printText(describeOffline(session, view));
  return exitCodes.done;
}

/** Policy files: of the cluster, of the namespace. Throws `ProblemError` for what is wrong in them. */
export async function readPolicyFiles(
  session: Session,
  paths: readonly string[],
): Promise<readonly PolicyFile[]> {
  const policies: PolicyFile[] = [];
  for (const path of paths)
    policies.push(expectFile(path, parsePolicyFile(await session.context.readFile(path))));
  return policies;
}

function describeOffline(session: Session, view: PlanView): string {
  const parts = [describePlan(view.plan, view.plan.createdAt, session.style)];
  if (view.moves.length > 0)
    parts.push(movesTable(view.moves.map((move) => ({ move, progress: undefined }))));
  if (view.obstacles.length > 0) parts.push(obstaclesTable(view.obstacles));
  return parts.join('\n');
}
