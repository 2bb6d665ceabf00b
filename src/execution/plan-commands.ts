import { err, ok, type Result } from '../base/result.ts';
import type { AuditDraft } from '../domain/audit-record.ts';
import type { Plan, PlanOutcome } from '../domain/plan.ts';
import type { TransitionRequest } from '../domain/plan-transition.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import { cancelledOutcome, finalChange } from './plan-end.ts';
import type { CancelRequest, PlanRun } from './plan-run.ts';

/** What people ask of a plan that executes. Each is durable when it answers. */

export async function pauseRun(run: PlanRun, context: CommandContext): Promise<Result<Plan, Problem>> {
  if (run.cancel) return err(cancelling(run.log.plan()));
  const paused = await run.log.transition(
    request(run, context, 'paused', 'plan.pause', {
      code: 'PLAN_PAUSED',
      message: `${context.principal.id} paused it: ${context.reason || 'no reason given'}`,
      remedy: 'Resume or cancel it.',
    }),
  );
  run.bell.ring();
  return paused;
}

export async function resumeRun(run: PlanRun, context: CommandContext): Promise<Result<Plan, Problem>> {
  if (run.cancel) return err(cancelling(run.log.plan()));
  const resumed = await run.log.transition(request(run, context, 'executing', 'plan.resume', null));
  run.bell.ring();
  return resumed;
}

/**
 * No further move starts from the moment of the call on, whatever the store takes to write it. Who asked for the moves
 * in flight to finish may still ask for them to be undone, as when their copies do not get on; not the other way round.
 */
export async function cancelRun(run: PlanRun, asked: CancelRequest): Promise<Result<Plan, Problem>> {
  const before = run.cancel;
  if (before && (before.inFlight === 'abort' || asked.inFlight === 'finish')) return ok(run.log.plan());
  run.cancel = asked;
  const written = await writeCancel(run, asked);
  if (written.ok) run.askToCancel(asked);
  else run.cancel = before;
  return written;
}

/** A plan with moves in flight waits as paused, saying that it is being cancelled: what a restart goes on from. */
function writeCancel(run: PlanRun, { inFlight, context }: CancelRequest): Promise<Result<Plan, Problem>> {
  if (run.inFlight.size === 0) return cancelNow(run, context);
  const outcome = {
    code: 'PLAN_CANCELLING',
    message: `${context.principal.id} cancelled it; ${run.inFlight.size} moves in flight ${inFlight === 'abort' ? 'are undone' : 'finish'} first`,
    remedy: 'Wait a moment.',
  };
  const plan = run.log.plan();
  if (plan.status === 'paused') return run.log.amend(outcome, intentRecord(run, plan, inFlight, context));
  const pausing = request(run, context, 'paused', 'plan.cancel', outcome);
  return run.log.transition({ ...pausing, details: { inFlight } });
}

function cancelNow(run: PlanRun, context: CommandContext): Promise<Result<Plan, Problem>> {
  const outcome = cancelledOutcome(run, context);
  const snapshot = run.log.plan().startedAt > 0 ? run.deps.world.snapshot() : undefined;
  const after = snapshot ? { afterSnapshotDigest: snapshot.digest } : {};
  const change = { ...finalChange(run, run.deps.clock.now()), ...after };
  const cancelling = request(run, context, 'cancelled', 'plan.cancel', outcome);
  return run.log.transition({ ...cancelling, change }, snapshot);
}

function intentRecord(
  run: PlanRun,
  plan: Plan,
  inFlight: CancelRequest['inFlight'],
  context: CommandContext,
): AuditDraft {
  return {
    at: run.deps.clock.now(),
    actor: context.principal.id,
    action: 'plan.cancel',
    cluster: plan.cluster,
    namespace: plan.namespace,
    subject: `plan/${plan.id}`,
    reason: context.reason,
    changeTicket: plan.changeTicket,
    transport: context.transport,
    outcome: 'PLAN_CANCELLING',
    before: '',
    after: '',
    details: { from: plan.status, to: plan.status, digest: plan.digest, inFlight },
  };
}

function request(
  run: PlanRun,
  context: CommandContext,
  to: TransitionRequest['to'],
  action: string,
  outcome: PlanOutcome | null,
): TransitionRequest {
  return {
    to,
    by: 'operator',
    principal: context.principal.id,
    at: run.deps.clock.now(),
    action,
    reason: context.reason,
    transport: context.transport,
    outcome,
  };
}

function cancelling(plan: Plan): Problem {
  return {
    code: 'PLAN_STATUS',
    message: `plan ${plan.id} is being cancelled`,
    subject: `plan/${plan.id}`,
    remedy: 'Wait until it has ended.',
  };
}
