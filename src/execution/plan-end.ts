import type { Plan, PlanOutcome, PlanProgress } from '../domain/plan.ts';
import type { PlanActor, PlanStatus } from '../domain/plan-status.ts';
import { type CommandContext, controllerPrincipal } from '../domain/principal.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { PlanEnding } from './plan-ending.ts';
import type { PlanRun } from './plan-run.ts';

/** Longest wait for a snapshot that shows the plan's last move, milliseconds; without one the newest is kept. */
export const afterSnapshotWaitMs = 5_000;
const afterSnapshotLookMs = 250;

interface Verdict {
  readonly to: PlanStatus;
  readonly by: PlanActor;
  readonly action: string;
  readonly outcome: PlanOutcome | null;
}

/**
 * Gives the plan its final status, with the fleet as it is afterwards. A plan is `completed` only when every move is
 * done or was satisfied already; policy's `maxFailedMoves` decides how long it goes on after failures, not whether
 * something that was approved and did not happen counts as done.
 */
export async function endPlan(run: PlanRun, ending: PlanEnding): Promise<Plan> {
  const verdict = verdictOf(run, ending);
  if (!verdict) return run.log.lost() ? run.log.plan() : run.log.reload();
  const snapshot = await afterSnapshot(run);
  if (run.stopping()) return run.log.plan();
  // Nothing is left to pause: such a plan goes on for the moment in which it ends.
  const goesOn = verdict.to === 'completed' || verdict.to === 'superseded';
  if (run.log.plan().status === 'paused' && goesOn) {
    await move(run, { to: 'executing', by: 'controller', action: 'plan.resume', outcome: null }, undefined);
  }
  await move(run, verdict, snapshot);
  return run.log.plan();
}

/** What changes in the header when a plan ends. */
export function finalChange(run: PlanRun, now: number): { endedAt: number; progress: PlanProgress } {
  return { endedAt: now, progress: { ...run.board.progress(1, 1), remaining: null } };
}

async function move(run: PlanRun, verdict: Verdict, snapshot: Snapshot | undefined): Promise<void> {
  const now = run.deps.clock.now();
  const asked = verdict.to === 'cancelled' ? run.cancel?.context : undefined;
  const ends = verdict.to !== 'executing';
  const after = snapshot ? { afterSnapshotDigest: snapshot.digest } : {};
  const moved = await run.log.transition(
    {
      to: verdict.to,
      by: verdict.by,
      principal: asked?.principal.id ?? controllerPrincipal.id,
      at: now,
      action: verdict.action,
      reason: asked?.reason ?? verdict.outcome?.message ?? 'every move has ended',
      transport: asked?.transport ?? 'internal',
      outcome: verdict.outcome,
      change: ends ? { ...finalChange(run, now), ...after } : {},
    },
    ends ? snapshot : undefined,
  );
  if (!moved.ok && moved.error.code !== 'PLAN_STATUS' && moved.error.code !== 'LEASE_LOST') {
    throw new Error(`${moved.error.code}: ${moved.error.message}`);
  }
}

function verdictOf(run: PlanRun, ending: PlanEnding): Verdict | undefined {
  const plan = run.log.plan();
  switch (ending.kind) {
    case 'interrupted':
    case 'overtaken':
      return undefined;
    case 'allEnded':
      return allEnded(run);
    case 'cancelled':
      return {
        to: 'cancelled',
        by: 'operator',
        action: 'plan.cancel',
        outcome: cancelledOutcome(run, ending.request.context),
      };
    case 'outranked':
      return superseded(ending.outcome);
    case 'drifted': {
      const outcome = {
        code: 'PLAN_DRIFTED',
        message: ending.failure.message,
        remedy: 'Make a new plan from the fleet as it is now.',
      };
      const supersede = run.deps.world.policy().execution.onDrift === 'supersede';
      return supersede ? superseded(outcome) : failed(outcome);
    }
    case 'tooManyFailed':
      return failed({
        code: 'PLAN_TOO_MANY_FAILED_MOVES',
        message: `${run.board.count('failed')} of ${run.content.moves.length} moves failed; policy stops a plan at ${Math.max(1, run.deps.world.policy().execution.maxFailedMoves)}`,
        remedy: 'See the failures; make a new plan or roll back.',
      });
    case 'drainTimeout':
      return failed({
        code: 'DRAIN_TIMEOUT',
        message: `plan ${plan.id} did not vacate its nodes in time: ${run.board.unfulfilled()} of ${run.content.moves.length} moves are left`,
        remedy: 'See what is left on the nodes and why; make a new plan.',
      });
  }
}

function allEnded(run: PlanRun): Verdict {
  const missing = run.board.unfulfilled();
  if (missing === 0) return { to: 'completed', by: 'controller', action: 'plan.complete', outcome: null };
  return failed({
    code: 'PLAN_INCOMPLETE',
    message: `${missing} of ${run.content.moves.length} moves did not take effect`,
    remedy: 'See the moves that did not; make a new plan or roll back.',
  });
}

function superseded(outcome: PlanOutcome): Verdict {
  return { to: 'superseded', by: 'controller', action: 'plan.supersede', outcome };
}

function failed(outcome: PlanOutcome): Verdict {
  return { to: 'failed', by: 'controller', action: 'plan.fail', outcome };
}

/** Why a plan is cancelled: who, after how much, and why. */
export function cancelledOutcome(run: PlanRun, context: CommandContext): PlanOutcome {
  return {
    code: 'PLAN_CANCELLED',
    message: `${context.principal.id} cancelled it after ${run.board.count('done')} of ${run.content.moves.length} moves: ${context.reason || 'no reason given'}`,
    remedy: 'Roll back what was done, or make a new plan.',
  };
}

/** The newest snapshot, when possible one that shows what the plan has done. */
async function afterSnapshot(run: PlanRun): Promise<Snapshot | undefined> {
  const { clock, world } = run.deps;
  const asked = clock.now();
  for (;;) {
    const snapshot = world.snapshot();
    if (run.stopping() || clock.now() - asked >= afterSnapshotWaitMs) return snapshot;
    if (snapshot && snapshot.takenAt >= asked && run.views.showsCompleted(snapshot)) return snapshot;
    await run.bell.wait(afterSnapshotLookMs);
    await world.look?.();
  }
}
