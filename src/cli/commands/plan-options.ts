import { ProblemError } from '../../domain/problem.ts';
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
  readonly policy: readonly string[];
  readonly scoringModule: readonly string[];
  readonly plannerModule: readonly string[];
}

/** Options that only mean something beside `--snapshot`. */
type FileOptions = Pick<PlanOptions, 'policy' | 'scoringModule' | 'plannerModule'>;

const flags = { policy: '--policy', scoringModule: '--scoring-module', plannerModule: '--planner-module' };

/** Throws FIELDS_CONTRADICT for an option of files where the service is asked, which has its own. */
export function refuseFileOptions(options: FileOptions, message: string, remedy: string): void {
  const given = (['policy', 'scoringModule', 'plannerModule'] as const).find(
    (name) => options[name].length > 0,
  );
  if (given === undefined) return;
  throw new ProblemError({ code: 'FIELDS_CONTRADICT', message, field: flags[given], remedy });
}
