import type { Plan } from '../domain/plan.ts';
import { ProblemError } from '../domain/problem.ts';
import { MoveState } from '../gen/meshkit/rebalancer/v1/move_pb.ts';
import type { Plan as PlanMessage } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import type { MoveWithProgress } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { moveFromMessage, moveProgressFromMessage } from '../wire/move-codec.ts';
import { planFromMessage } from '../wire/plan-codec.ts';
import type { Session } from './session.ts';
import type { MoveRow } from './views/move-view.ts';

/** The service always answers with a plan; one that does not is not ours. */
export function planOf(message: PlanMessage | undefined): Plan {
  if (!message) throw new ProblemError({ code: 'INTERNAL', message: 'the service answered without a plan' });
  return planFromMessage(message);
}

export async function readPlan(session: Session, id: string): Promise<Plan> {
  const answer = await session.call((client) => client.plans.getPlan({ id }));
  return planOf(answer.plan);
}

/** Moves of a plan with their progress, in execution order. */
export async function* readMoves(
  session: Session,
  planId: string,
  limit: number,
): AsyncGenerator<MoveWithProgress, void> {
  yield* (await session.client()).listMoves({ planId }, limit);
}

export async function readMoveRows(session: Session, planId: string, limit: number): Promise<MoveRow[]> {
  const rows: MoveRow[] = [];
  for await (const { move, progress } of readMoves(session, planId, limit)) {
    if (!move) continue;
    const known = progress && progress.state !== MoveState.UNSPECIFIED;
    rows.push({
      move: moveFromMessage(move),
      progress: known ? moveProgressFromMessage(progress) : undefined,
    });
  }
  return rows;
}
