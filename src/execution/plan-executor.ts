import { err, ok, type Result } from '../base/result.ts';
import type { Plan, PlanOutcome } from '../domain/plan.ts';
import type { CommandContext } from '../domain/principal.ts';
import type { Problem } from '../domain/problem.ts';
import { findCancelRequest } from './cancel-request.ts';
import type { ExecutionDeps } from './execution-deps.ts';
import { cancelRun, pauseRun, resumeRun } from './plan-commands.ts';
import { endPlan } from './plan-end.ts';
import { createPlanRun, type PlanRun } from './plan-run.ts';
import { contentMatches, digestMismatch, startPlan } from './plan-start.ts';
import { refusePlan } from './refuse-plan.ts';
import { runWaves } from './wave-loop.ts';

/** Executes the approved plans of one namespace: exactly their moves, each at most once, through crashes. */
export interface PlanExecutor {
  /**
   * Runs an approved plan to its end, or goes on with one found executing or paused after a restart. Returns the plan
   * as it ended; one that is still approved, executing or paused when the signal aborted or the lease was lost. A plan
   * in any other status is returned as it is.
   *
   * @throws Error when the store breaks or the plan does not exist; a plan under way goes on at the next `execute`
   */
  execute(planId: string, signal: AbortSignal): Promise<Plan>;
  /** Lets the moves in flight end and starts no others. Problem: PLAN_STATUS, PLAN_NOT_FOUND, LEASE_LOST. */
  pause(planId: string, context: CommandContext): Promise<Result<Plan, Problem>>;
  /** Goes on with a paused plan. Problems: as for `pause`. */
  resume(planId: string, context: CommandContext): Promise<Result<Plan, Problem>>;
  /**
   * Ends a plan early. The answer is the plan cancelled, or paused with PLAN_CANCELLING while moves in flight finish or
   * are undone; that survives a restart. Problems: as for `pause`.
   */
  cancel(
    planId: string,
    inFlight: 'finish' | 'abort',
    context: CommandContext,
  ): Promise<Result<Plan, Problem>>;
  /**
   * Lets the plan make way for a more urgent one: no further move starts, those in flight end, and the plan is
   * superseded with this outcome. Nothing where the plan is not being executed here; not remembered over a restart.
   */
  supersede(planId: string, outcome: PlanOutcome): void;
}

export function createPlanExecutor(deps: ExecutionDeps): PlanExecutor {
  const running = new Map<string, PlanRun>();
  const executions = new Map<string, Promise<Plan>>();

  async function execute(planId: string, signal: AbortSignal): Promise<Plan> {
    const plan = await deps.store.plan(planId);
    if (!plan) throw new Error(`there is no plan ${planId} to execute`);
    if (plan.status !== 'approved' && plan.status !== 'executing' && plan.status !== 'paused') return plan;
    const content = await deps.store.planContent(plan.digest);
    if (!contentMatches(plan, content)) return refusePlan(deps, plan, digestMismatch(plan));
    const run = createPlanRun(deps, plan, content, await deps.store.journal(planId), signal);
    if (plan.status === 'paused') {
      const request = await findCancelRequest(deps.store, plan);
      if (request) run.askToCancel(request);
    }
    running.set(planId, run);
    try {
      return await carryThrough(run);
    } finally {
      running.delete(planId);
    }
  }

  function find(planId: string): Result<PlanRun, Problem> {
    const run = running.get(planId);
    if (run) return ok(run);
    return err({
      code: 'PLAN_STATUS',
      message: `plan ${planId} is not being executed by this service`,
      subject: `plan/${planId}`,
      remedy: 'See the status of the plan; try again in a moment when it has just begun.',
    });
  }

  return {
    execute(planId, signal) {
      const existing = executions.get(planId);
      if (existing) return existing;
      const execution = execute(planId, signal).finally(() => executions.delete(planId));
      executions.set(planId, execution);
      return execution;
    },
    async pause(planId, context) {
      const run = find(planId);
      return run.ok ? pauseRun(run.value, context) : run;
    },
    async resume(planId, context) {
      const run = find(planId);
      return run.ok ? resumeRun(run.value, context) : run;
    },
    async cancel(planId, inFlight, context) {
      const run = find(planId);
      return run.ok ? cancelRun(run.value, { inFlight, context }) : run;
    },
    supersede(planId, outcome) {
      const run = running.get(planId);
      if (!run || run.outranked || run.log.plan().status === 'approved') return;
      run.outranked = outcome;
      deps.log.info('a plan makes way for a more urgent one', { planId, code: outcome.code });
      run.bell.ring();
    },
  };
}

async function carryThrough(run: PlanRun): Promise<Plan> {
  const { log } = run.deps;
  const { id } = run.log.plan();
  if (run.log.plan().status === 'approved' && !(await startPlan(run))) return run.log.plan();
  log.info('a plan executes', { planId: id, moves: run.content.moves.length });
  const ending = await runWaves(run);
  if (run.crash) throw run.crash.error;
  const plan = await endPlan(run, ending);
  log.info('a plan stopped executing', { planId: id, status: plan.status, ending: ending.kind });
  return plan;
}
