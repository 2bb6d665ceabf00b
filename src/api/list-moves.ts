import { create } from '@bufbuild/protobuf';
import type { PlanView } from '../controller/rebalancer.ts';
import type { MoveProgress } from '../domain/move.ts';
import { ProblemError } from '../domain/problem.ts';
import {
  type ListMovesRequest,
  type ListMovesResponse,
  ListMovesResponseSchema,
  type MoveWithProgress,
  MoveWithProgressSchema,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { moveStateCodec } from '../wire/enums.ts';
import { moveProgressToMessage, moveToMessage } from '../wire/move-codec.ts';

/** Moves per page when the request does not say. */
const defaultPageSize = 500;

/**
 * One page of a plan's moves in execution order. The cursor names the next move's place in the whole plan, so that a
 * page keeps its place while the states that it filters by change. Throws `ProblemError` CURSOR_INVALID.
 */
export function listMoves(view: PlanView, request: ListMovesRequest): ListMovesResponse {
  const states = new Set(request.states.map(moveStateCodec.fromMessage));
  const pageSize = request.pageSize || defaultPageSize;
  const moves: MoveWithProgress[] = [];
  let index = decodeCursor(view, request.cursor);
  for (; index < view.moves.length && moves.length < pageSize; index++) {
    const move = view.moves[index];
    if (!move) break;
    const progress = view.progress[index] ?? notBegun(move.id);
    if (states.size > 0 && !states.has(progress.state)) continue;
    moves.push(
      create(MoveWithProgressSchema, {
        move: moveToMessage(move),
        progress: moveProgressToMessage(progress),
      }),
    );
  }
  const nextCursor = index < view.moves.length ? encodeCursor(view, index) : '';
  return create(ListMovesResponseSchema, { moves, nextCursor });
}

/** What is true of a move of a plan that never ran. */
function notBegun(moveId: string): MoveProgress {
  return {
    moveId,
    state: 'pending',
    step: null,
    attempts: 0,
    startedAt: 0,
    endedAt: 0,
    resultVersion: 0,
    failure: null,
  };
}

function encodeCursor(view: PlanView, index: number): string {
  return Buffer.from(`${index}:${view.plan.id}`, 'utf8').toString('base64url');
}

function decodeCursor(view: PlanView, cursor: string): number {
  if (cursor === '') return 0;
  const [, digits, planId] = /^(\d{1,9}):(.*)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  const index = Number(digits);
  if (planId === view.plan.id && Number.isInteger(index) && index <= view.moves.length) return index;
  throw new ProblemError({
    code: 'CURSOR_INVALID',
    message: 'the cursor is not one of this plan',
    field: 'cursor',
    value: cursor,
    subject: `plan/${view.plan.id}`,
  });
}
