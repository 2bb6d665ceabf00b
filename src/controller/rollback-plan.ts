import { err, ok, type Result } from '../base/result.ts';
import { mayTransition } from '../domain/plan-status.ts';
import type { RequestedMove } from '../domain/planning.ts';
import type { CommandContext } from '../domain/principal.ts';
import { foldJournal } from '../execution/journal.ts';
import { rollbackMoves } from '../execution/rollback.ts';
import { findUnit, refuse } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { storeOrder } from './create-plan.ts';
import { authorizeOverrides } from './overrides.ts';
import { aboutPlan, readTarget } from './plan-target.ts';
import type { Problems } from './problems.ts';
import type { CommandResult, PlanView, RollbackPlanRequest } from './rebalancer.ts';

/**
 * Makes the plan that takes back what another one completed; it is judged and approved like any other. Problems:
 * PLAN_NOT_FOUND, PLAN_STALE, PLAN_STATUS, PLAN_NOT_REVERSIBLE, and those of making a plan.
 */
export async function rollbackPlan(
  deps: CommandDeps,
  request: RollbackPlanRequest,
  context: CommandContext,
): Promise<CommandResult<PlanView>> {
  const about = await aboutPlan(deps, 'plan.rollback', request.id);
  const reversal = await movesToTakeBack(deps, request);
  if (!reversal.ok) return refuse(deps, about, context, reversal.error);
  const { namespace, moves, seed } = reversal.value;
  const unit = findUnit(deps, namespace);
  if (!unit.ok) return refuse(deps, about, context, unit.error);
  const overrides = authorizeOverrides(request.overrides, namespace, context);
  if (!overrides.ok) return refuse(deps, about, context, overrides.error);
  return storeOrder(deps, unit.value, {
    about,
    context,
    dryRun: request.dryRun,
    idempotencyKey: request.idempotencyKey,
    request,
    orderFor: () =>
      ok({
        kind: 'rollback',
        task: { kind: 'fixed', moves },
        trigger: 'rollback',
        seed,
        overrides: overrides.value,
        dryRun: request.dryRun,
        author: context,
        rollbackOf: request.id,
      }),
  });
}

interface Reversal {
  readonly namespace: string;
  readonly seed: number;
  readonly moves: readonly RequestedMove[];
}

async function movesToTakeBack(
  deps: CommandDeps,
  request: RollbackPlanRequest,
): Promise<Result<Reversal, Problems>> {
  const target = await readTarget(deps, request);
  if (!target.ok) return target;
  const { plan, content } = target.value;
  const subject = `plan/${plan.id}`;
  if (!mayTransition(plan.status, 'rollingBack', 'operator')) {
    const message = `plan ${plan.id} is ${plan.status}, and only a plan that has ended can be rolled back`;
    const limit = 'completed, failed, cancelled, superseded';
    return err([{ code: 'PLAN_STATUS', message, field: 'status', value: plan.status, limit, subject }]);
  }
  const progress = foldJournal(content.moves, await deps.store.journal(plan.id));
  const moves = rollbackMoves(content, progress);
  if (moves.length > 0) return ok({ namespace: plan.namespace, seed: plan.seed, moves });
  return err([{ code: 'PLAN_NOT_REVERSIBLE', message: `no move of plan ${plan.id} completed`, subject }]);
}
