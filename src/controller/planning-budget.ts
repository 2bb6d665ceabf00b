import type { GuardrailCode } from '../domain/error-codes.ts';
import type { BudgetPolicy } from '../domain/policy.ts';
import { replicaCount, type Snapshot } from '../domain/snapshot.ts';
import type { CreatePlanRequest } from './rebalancer.ts';

/**
 * The planner's budget: policy's, without the bounds that an override lifts for this plan, narrowed by what the
 * request asks for and never widened by it.
 */
export function planningBudget(
  policy: BudgetPolicy,
  asked: CreatePlanRequest['budget'],
  overridden: ReadonlySet<GuardrailCode>,
  snapshot: Snapshot,
): BudgetPolicy {
  const every = movesForEverything(snapshot);
  const maxMoves = overridden.has('GUARDRAIL_MOVES_PER_PLAN') ? every : policy.maxMoves;
  const maxBytes = overridden.has('GUARDRAIL_BYTES_PER_PLAN') ? Number.MAX_SAFE_INTEGER : policy.maxBytes;
  const maxShare = overridden.has('GUARDRAIL_SHARE_OF_SHARDS') ? 1 : policy.maxShareOfShards;
  return {
    ...policy,
    maxMoves: Math.min(maxMoves, asked?.maxMoves ?? maxMoves),
    maxBytes: Math.min(maxBytes, asked?.maxBytes ?? maxBytes),
    maxShareOfShards: Math.min(maxShare, asked?.maxShareOfShards ?? maxShare),
  };
}

/** Every replica twice (staged for capacity) and every leadership once, with room: no plan is longer. */
function movesForEverything(snapshot: Snapshot): number {
  return 4 * replicaCount(snapshot.shards);
}
