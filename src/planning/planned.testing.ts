import type { PlanningRequest, PlanningResult } from '../domain/planning.ts';
import { computePlan } from './compute-plan.ts';
import { fleet, node, shard } from './fleet.testing.ts';

/** The plan of a request that has one. */
export function plan(request: PlanningRequest): PlanningResult {
  const planned = computePlan(request);
  if (!planned.ok) throw new Error(planned.error.map((problem) => problem.message).join('; '));
  return planned.value;
}

/** Why a request has no plan; nothing where it has. */
export function problemsOf(request: PlanningRequest) {
  const planned = computePlan(request);
  return planned.ok ? [] : planned.error;
}

/** Three nodes in three zones, all shards on the first. */
export const hotSpot = fleet(
  ['cpu'],
  ['a', 'b', 'c'].map((id) => node(id, 1, { zone: `z-${id}` })),
  ['s1', 's2', 's3', 's4', 's5', 's6'].map((id) => shard(id, ['a'], [10])),
);
