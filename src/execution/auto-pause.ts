import type { Move } from '../domain/move.ts';
import type { PlanOutcome } from '../domain/plan.ts';
import { controllerPrincipal } from '../domain/principal.ts';
import { callWithin } from './deadline-call.ts';
import { judgeStart } from './judge-start.ts';
import { callTimeoutMs } from './move-context.ts';
import type { PlanRun } from './plan-run.ts';
import { resumesByItself } from './start-decision.ts';

/** A plan that paused by itself stays so at least this long, milliseconds: a flickering condition is not a new pause. */
export const minimumPauseMs = 5_000;

/** Pauses the plan on the controller's behalf: no further move starts, those in flight end. */
export async function pausePlan(run: PlanRun, outcome: PlanOutcome): Promise<void> {
  run.deps.log.warn('a plan paused', { planId: run.log.plan().id, code: outcome.code });
  await mustTransition(run, 'paused', 'plan.pause', outcome);
  run.pausedAt = run.deps.clock.now();
}

/** Goes on when what a plan paused for by itself has passed; pauses for a regression or by people wait for people. */
export async function resumeWhenPassed(run: PlanRun, waiting: ReadonlySet<Move>): Promise<void> {
  const { outcome } = run.log.plan();
  if (!outcome || !resumesByItself(outcome.code)) return;
  if (run.deps.clock.now() - run.pausedAt < minimumPauseMs) return;
  run.pausedAt = run.deps.clock.now();
  const next = waiting.values().next().value;
  if (next && judgeStart(run, next).kind === 'pausePlan') return;
  if (next && outcome.code === 'FLEET_UNREACHABLE' && !(await fleetAnswers(run, next))) return;
  if (run.stopping() || run.cancel || run.log.plan().outcome !== outcome) return;
  await mustTransition(run, 'executing', 'plan.resume', null);
}

async function fleetAnswers(run: PlanRun, move: Move): Promise<boolean> {
  const { clock, registry } = run.deps;
  const { namespace } = run.log.plan();
  const found = await callWithin(clock, callTimeoutMs(run.moves), run.moves.halt, (signal) =>
    registry.get(namespace, move.shard, signal),
  );
  return found !== undefined && (found.ok || found.error.code !== 'FLEET_UNREACHABLE');
}

async function mustTransition(
  run: PlanRun,
  to: 'paused' | 'executing',
  action: string,
  outcome: PlanOutcome | null,
): Promise<void> {
  const moved = await run.log.transition({
    to,
    by: 'controller',
    principal: controllerPrincipal.id,
    at: run.deps.clock.now(),
    action,
    reason: outcome?.message ?? 'what the plan paused for has passed',
    transport: 'internal',
    outcome,
  });
  // PLAN_STATUS: somebody was faster; the loop sees the status that it has now.
  if (!moved.ok && moved.error.code !== 'PLAN_STATUS' && moved.error.code !== 'LEASE_LOST') {
    throw new Error(`${moved.error.code}: ${moved.error.message}`);
  }
}
