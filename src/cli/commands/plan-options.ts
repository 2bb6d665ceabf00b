import type { NamespaceOptions, OverrideOption, ReasonOptions } from '../options.ts';

/** Options of `mesh shards rebalance plan`. */
export interface PlanOptions extends NamespaceOptions, ReasonOptions {
  readonly dryRun?: boolean;
  readonly seed: number;
  readonly maxMoves?: number;
  readonly maxBytes?: number;
  readonly maxShare?: number;
  readonly override: readonly OverrideOption[];
  readonly wait?: boolean;
  readonly quiet?: boolean;
  readonly whatIf: readonly string[];
  readonly snapshot?: string;
  readonly warmStart?: string;
  readonly policy: readonly string[];
  readonly scoringModule: readonly string[];
  readonly plannerModule: readonly string[];
}
