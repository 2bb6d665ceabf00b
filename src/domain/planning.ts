import type { Move, MoveKind } from './move.ts';
import type { Obstacle, PlanSummary } from './plan.ts';
import type { Policy } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

/** Everything that a plan is computed from: equal requests give equal answers, byte for byte. */
export interface PlanningRequest {
  readonly snapshot: Snapshot;
  /** Effective policy of the namespace; its `budget` bounds the plan. */
  readonly policy: Policy;
  /** Distress per node of the snapshot, 0..1; derates effective capacity. */
  readonly distress: Float64Array;
  readonly seed: number;
  /** Which of several searches for the same plan this is, 0 when left out: others may go about it in other ways. */
  readonly lane?: number;
  /** Shard indices that may not move now (cooldown, oscillation); sorted. */
  readonly frozenShards: Int32Array;
  /** Node indices that may neither give nor receive now (cooldown), unless they must be vacated; sorted. */
  readonly frozenNodes: Int32Array;
  /** improve: search. fixed: prove and order exactly these moves (rollback, manual plans). */
  readonly task: PlanningTask;
  /** Moves of an earlier plan that were not made: suggestions, taken over where they still hold. */
  readonly warmStart?: readonly RequestedMove[];
}

export type PlanningTask =
  | { readonly kind: 'improve' }
  | { readonly kind: 'fixed'; readonly moves: readonly RequestedMove[] };

export interface RequestedMove {
  readonly kind: MoveKind;
  readonly shard: string;
  readonly replica: number;
  /** Equal to `replica` for a relocation. */
  readonly successor: number;
  readonly destination: string;
}

/** `moves` may be empty: then `summary` says how good the fleet already is, and `obstacles` why it is not better. */
export interface PlanningResult {
  readonly moves: readonly Move[];
  readonly summary: PlanSummary;
  readonly obstacles: readonly Obstacle[];
}
