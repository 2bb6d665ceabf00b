import type { MoveFailure } from '../domain/move.ts';
import type { PlanOutcome } from '../domain/plan.ts';
import type { CancelRequest, PlanRun } from './plan-run.ts';

/** Why the waves of a plan came to their end; `plan-end.ts` turns it into the plan's final status. */
export type PlanEnding =
  /** The service stops, or another owns the namespace: the plan goes on later or elsewhere. */
  | { readonly kind: 'interrupted' }
  /** Somebody else ended the plan. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'allEnded' }
  | { readonly kind: 'cancelled'; readonly request: CancelRequest }
  | { readonly kind: 'outranked'; readonly outcome: PlanOutcome }
  | { readonly kind: 'drifted'; readonly failure: MoveFailure }
  | { readonly kind: 'tooManyFailed' }
  | { readonly kind: 'drainTimeout' };

/** Longest time between two looks at the world while nothing rings the bell, milliseconds. */
export const lookIntervalMs = 200;

/** The same while no move is in flight: what is waited for then takes seconds, not milliseconds. */
export const idleIntervalMs = 1_000;

/** Why no further move starts, if so; the first reason that applies, most pressing first. */
export function endingOf(run: PlanRun): PlanEnding | undefined {
  if (run.stopping()) return { kind: 'interrupted' };
  const plan = run.log.plan();
  if (plan.status !== 'executing' && plan.status !== 'paused') return { kind: 'overtaken' };
  if (run.cancel) return { kind: 'cancelled', request: run.cancel };
  if (run.outranked) return { kind: 'outranked', outcome: run.outranked };
  if (run.drift) return { kind: 'drifted', failure: run.drift };
  const { maxFailedMoves, drainTimeoutMs } = run.deps.world.policy().execution;
  if (run.board.count('failed') >= Math.max(1, maxFailedMoves)) return { kind: 'tooManyFailed' };
  const overdue = run.deps.clock.now() - plan.startedAt >= drainTimeoutMs;
  return plan.kind === 'drain' && overdue ? { kind: 'drainTimeout' } : undefined;
}
