import type { Move, MoveFailure } from '../domain/move.ts';
import { moveEndAudit, moveEndedEvent } from './execution-records.ts';
import type { PlanRun } from './plan-run.ts';

/** Ends a move of which nothing was sent: guardrails rule it out, or what it builds on did not happen. */
export async function recordUnstarted(
  run: PlanRun,
  move: Move,
  state: 'failed' | 'skipped',
  failure: MoveFailure,
): Promise<void> {
  const plan = run.log.plan();
  const at = run.deps.clock.now();
  await run.moves.record(move, [{ kind: 'ended', step: null, state, failure }], {
    audit: [moveEndAudit(plan, move, at, state, 0, failure)],
    events: [moveEndedEvent(plan, move, at, state, failure)],
  });
}
