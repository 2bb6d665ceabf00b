import type { GuardrailCode } from '../domain/error-codes.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { PlanningRequest, PlanningTask, RequestedMove } from '../domain/planning.ts';
import type { BudgetPolicy, PlanKind, Policy } from '../domain/policy.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { illShards } from '../guardrails/ill-shards.ts';
import { type Frozen, frozenByHistory, mergeIndices, nothingFrozen } from './frozen.ts';

/** What a plan is computed from, before it is in the planner's terms. */
export interface PlanningInputs {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly distress: Float64Array;
  /** Oldest first. */
  readonly moveTraces: readonly MoveTrace[];
  readonly kind: PlanKind;
  readonly task: PlanningTask;
  readonly seed: number;
  /** What bounds the search. */
  readonly budget: BudgetPolicy;
  readonly overridden: ReadonlySet<GuardrailCode>;
  readonly now: number;
  /** Moves of an earlier plan that the search begins with; none for a cold start. */
  readonly warmStart: readonly RequestedMove[];
}

/** The planner's request, and what recent moves keep it from touching; of a fixed task they keep nothing. */
export function planningRequest(inputs: PlanningInputs): {
  readonly request: PlanningRequest;
  readonly frozen: Frozen;
} {
  const { snapshot, policy, distress, moveTraces, kind, task, seed, budget, overridden, now, warmStart } =
    inputs;
  const searched = task.kind === 'improve';
  const frozen = searched
    ? frozenByHistory(snapshot, moveTraces, policy.cooldown, overridden, kind, now)
    : nothingFrozen;
  const frozenShards = searched ? mergeIndices(frozen.shards, illShards(snapshot, policy)) : frozen.shards;
  const request: PlanningRequest = {
    snapshot,
    policy: { ...policy, budget },
    distress,
    seed,
    frozenShards,
    frozenNodes: frozen.nodes,
    task,
    ...(searched && warmStart.length > 0 && { warmStart }),
  };
  return { request, frozen };
}
