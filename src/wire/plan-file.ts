import { toJson } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../base/result.ts';
import type { PlanView } from '../controller/rebalancer.ts';
import type { Move } from '../domain/move.ts';
import { digestPlan } from '../domain/plan-digest.ts';
import type { Problem } from '../domain/problem.ts';
import { PlanFileSchema } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { decoded } from './decoded.ts';
import { decodeText, parseJson } from './file-text.ts';
import { readMessage } from './json-reader.ts';
import { planViewFromMessage, planViewToMessage } from './plan-codec.ts';

/** A plan of a million moves stays below. */
export const maxPlanFileBytes = 1_073_741_824;

/** The plan file: the plan with all its moves, indented JSON. Equal plans give equal bytes. */
export function formatPlanFile(view: PlanView): string {
  return `${JSON.stringify(toJson(PlanFileSchema, planViewToMessage(view)), null, 2)}\n`;
}

/**
 * Reads a plan file. Problems: INPUT_MALFORMED, FIELD_UNKNOWN, FIELD_INVALID, FIELD_REQUIRED, and PLAN_DIGEST_MISMATCH
 * when its moves are not those whose digest it claims.
 */
export function parsePlanFile(bytes: Uint8Array): Result<PlanView, readonly Problem[]> {
  const text = decodeText(bytes, maxPlanFileBytes);
  if (!text.ok) return text;
  const parsed = parseJson(text.value);
  if (!parsed.ok) return parsed;
  const message = readMessage(PlanFileSchema, parsed.value);
  if (!message.ok) return message;
  if (!message.value.plan) {
    return err([{ code: 'FIELD_REQUIRED', message: 'the file has no plan', field: 'plan' }]);
  }
  const view = decoded(() => planViewFromMessage(message.value));
  if (!view.ok) return view;
  const { plan, moves } = view.value;
  const odd = moves.findIndex((move) => !numbersOf(move).every(Number.isFinite));
  if (odd >= 0) {
    const problem: Problem = {
      code: 'FIELD_INVALID',
      message: `a number of move ${moves[odd]?.id} is infinite or not a number`,
      field: `moves[${odd}]`,
      limit: 'finite numbers',
    };
    return err([problem]);
  }
  const digest = digestPlan({ ...plan, moves });
  if (plan.digest === digest) return ok(view.value);
  return err([
    {
      code: 'PLAN_DIGEST_MISMATCH',
      message: 'the moves in the file are not those of the plan whose digest it claims',
      field: 'plan.digest',
      value: plan.digest,
      limit: digest,
      subject: `plan/${plan.id}`,
    },
  ]);
}

/** The numbers of a move that its digest covers and that a file can spoil. */
function numbersOf(move: Move): number[] {
  const reasons = move.reasons.flatMap((each) => [each.before, each.after, each.limit]);
  return [move.bytes, move.gain, move.price, ...move.load, ...reasons];
}
