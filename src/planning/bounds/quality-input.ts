import type { DimensionBalance } from '../../domain/plan.ts';
import type { PlacementState } from '../placement-state.ts';

/** What the bounds are told about a plan. */
export interface QualityInput {
  /** The fleet after the plan; the problem knows how the snapshot shows it. */
  readonly after: PlacementState;
  /** Per dimension of the problem, after the plan. */
  readonly balance: readonly DimensionBalance[];
  readonly moves: number;
  readonly shardsTouched: number;
  /** Violated subjects before; with none there is nothing to look for. */
  readonly violationsBefore: number;
}
