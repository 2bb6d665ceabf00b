import { ProblemError } from '../../domain/problem.ts';

/** What only planning from files reads: a service has its own policies and modules. */
export interface FileOptions {
  readonly policy: readonly string[];
  readonly scoringModule: readonly string[];
  readonly plannerModule: readonly string[];
}

const flags = {
  policy: '--policy',
  scoringModule: '--scoring-module',
  plannerModule: '--planner-module',
} as const satisfies Record<keyof FileOptions, string>;

/** Refuses options for files where a service is asked. Problem: FIELDS_CONTRADICT. */
export function refuseFileOptions(options: FileOptions, message: string, remedy: string): void {
  for (const name of ['policy', 'scoringModule', 'plannerModule'] as const) {
    if (options[name].length === 0) continue;
    throw new ProblemError({ code: 'FIELDS_CONTRADICT', message, field: flags[name], remedy });
  }
}

/** Refuses `--warm-start` where something else says what a search begins with. Problem: FIELDS_CONTRADICT. */
export function refuseWarmStart(warmStart: string | undefined, message: string): void {
  if (warmStart === undefined) return;
  throw new ProblemError({
    code: 'FIELDS_CONTRADICT',
    message,
    field: '--warm-start',
    value: warmStart,
    remedy: 'Leave --warm-start out, or give --snapshot without --what-if to plan from files.',
  });
}
