import { backlogAdapter } from './backlog.ts';
import { capacityPressureAdapter } from './capacity-pressure.ts';
import { errorRateAdapter } from './error-rate.ts';
import { latencyAdapter } from './latency.ts';
import { roundTripTimeAdapter } from './round-trip-time.ts';
import type { ScoringAdapter } from './scoring-adapter.ts';

/** The adapters that every rebalancer has; policies choose among them and those that were loaded. */
export const builtInScoringAdapters: readonly ScoringAdapter[] = [
  backlogAdapter,
  capacityPressureAdapter,
  errorRateAdapter,
  latencyAdapter,
  roundTripTimeAdapter,
];
