import { err, ok, type Result } from '../base/result.ts';
import type { Plan, PlanContent } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { foldJournal } from '../execution/journal.ts';
import type { PlanQuery, Store } from '../ports/store.ts';
import { findUnit } from './command-support.ts';
import type { CommandDeps } from './core-deps.ts';
import { driftOf } from './plan-drift.ts';
import { type Problems, planNotFound } from './problems.ts';
import type { CommandResult, PlanDiff, PlanView } from './rebalancer.ts';

/** Largest page of plans. */
export const maxPlanPageSize = 500;

export interface StoredPlan {
  readonly plan: Plan;
  readonly content: PlanContent;
}

/** Header and content. Problems: PLAN_NOT_FOUND; INTERNAL when the content is gone, which only damage explains. */
export async function readPlan(store: Store, id: string): Promise<Result<StoredPlan, Problems>> {
  const plan = await store.plan(id);
  if (!plan) return err([planNotFound(id)]);
  const content = await store.planContent(plan.digest);
  if (content) return ok({ plan, content });
  return err([{ code: 'INTERNAL', message: `the content of plan ${id} is missing`, subject: `plan/${id}` }]);
}

/** The plan with its moves and how far each has come. */
export async function viewOfPlan(deps: CommandDeps, id: string): Promise<CommandResult<PlanView>> {
  const stored = await readPlan(deps.store, id);
  if (!stored.ok) return stored;
  const { plan, content } = stored.value;
  const progress = foldJournal(content.moves, await deps.store.journal(id));
  return ok({ plan, moves: content.moves, obstacles: content.obstacles, progress });
}

/** Problems: FIELD_INVALID for the page size, CURSOR_INVALID. */
export async function listPlans(deps: CommandDeps, query: PlanQuery) {
  const { pageSize } = query;
  if (!Number.isSafeInteger(pageSize) || pageSize < 1 || pageSize > maxPlanPageSize) {
    const limit = `1 to ${maxPlanPageSize}`;
    const message = `a page has from ${limit} plans`;
    return err<Problems>([
      { code: 'FIELD_INVALID', message, field: 'pageSize', value: String(pageSize), limit },
    ]);
  }
  const page = await deps.store.plans(query);
  return page.ok ? page : err<Problems>([page.error]);
}

/** How the world differs now from the one the plan was made for. */
export async function diffPlan(deps: CommandDeps, id: string): Promise<CommandResult<PlanDiff>> {
  const seen = await viewOfPlan(deps, id);
  if (!seen.ok) return seen;
  const { plan, moves, progress } = seen.value;
  const unit = findUnit(deps, plan.namespace);
  if (!unit.ok) return unit;
  const world = await unit.value.world.glance();
  if (!world.ok) return world;
  const { snapshot } = world.value;
  return ok({ plan, currentSnapshotDigest: snapshot.digest, drifted: driftOf(moves, progress, snapshot) });
}

export async function snapshotByDigest(deps: CommandDeps, digest: string): Promise<CommandResult<Snapshot>> {
  const snapshot = await deps.store.snapshot(digest);
  if (snapshot) return ok(snapshot);
  const problem: Problem = {
    code: 'SNAPSHOT_NOT_FOUND',
    message: `there is no snapshot ${digest}`,
    field: 'digest',
    value: digest,
  };
  return err([problem]);
}
