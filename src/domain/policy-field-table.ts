/**
 * Limits of every number and choice of a policy that stands at a fixed path; `policy-validate-fields.ts` checks by it,
 * and `docs/policies.md` explains the fields.
 */
export interface NumberRule {
  readonly field: string;
  readonly kind: NumberKind;
  readonly min: number;
  readonly max: number;
  /** Whether the minimum itself is refused. */
  readonly above?: true;
}

/** count: an integer. */
export type NumberKind = 'count' | 'share' | 'milliseconds' | 'number';

const dayMs = 86_400_000;
/** No wait of a policy is longer than a year; more is a slip of the unit. */
export const maxPolicyDurationMs = 366 * dayMs;
/** More moves at once than any fleet carries. */
const maxConcurrency = 100_000;
/** Weights, prices and ratios beyond this only hide a slip of the unit. */
export const maxPolicyFactor = 1_000_000_000;

const count = (field: string, min: number, max: number): NumberRule => ({ field, kind: 'count', min, max });
const share = (field: string): NumberRule => ({ field, kind: 'share', min: 0, max: 1 });
const positiveShare = (field: string): NumberRule => ({ field, kind: 'share', min: 0, max: 1, above: true });
const factor = (field: string, min: number): NumberRule => ({
  field,
  kind: 'number',
  min,
  max: maxPolicyFactor,
});
const wait = (field: string): NumberRule => ({
  field,
  kind: 'milliseconds',
  min: 0,
  max: maxPolicyDurationMs,
});
const deadline = (field: string): NumberRule => ({
  field,
  kind: 'milliseconds',
  min: 1,
  max: maxPolicyDurationMs,
});

export const numberRules: readonly NumberRule[] = [
  { field: 'scoring.maxDerate', kind: 'share', min: 0, max: 0.95 },
  factor('triggers.peakToMean.enter', 1),
  factor('triggers.peakToMean.clear', 1),
  factor('triggers.overTarget.enter', 0),
  factor('triggers.overTarget.clear', 0),
  share('triggers.distress.enter'),
  share('triggers.distress.clear'),
  wait('triggers.confirmationMs'),
  // Faster than ten times a second nothing that is measured changes.
  { field: 'triggers.evaluationIntervalMs', kind: 'milliseconds', min: 100, max: maxPolicyDurationMs },
  wait('triggers.backoffMs'),
  wait('triggers.maxBackoffMs'),
  deadline('telemetry.maxAgeMs'),
  share('telemetry.minCompleteness'),
  { field: 'telemetry.maxSkewMs', kind: 'milliseconds', min: 0, max: dayMs },
  // A budget of nothing plans nothing, and says how good the fleet is as it stands.
  count('budget.maxMoves', 0, 10_000_000),
  count('budget.maxBytes', 0, Number.MAX_SAFE_INTEGER),
  share('budget.maxShareOfShards'),
  count('budget.maxEvaluations', 0, Number.MAX_SAFE_INTEGER),
  // An hour: a search that takes longer plans for a fleet that is gone.
  { field: 'budget.maxSearchMs', kind: 'milliseconds', min: 1, max: 3_600_000 },
  // Each further search finds less that the others did not find, and every one holds a thread and its memory.
  count('budget.searchLanes', 1, 8),
  count('concurrency.cluster', 1, maxConcurrency),
  count('concurrency.namespace', 1, maxConcurrency),
  count('concurrency.perNodeIn', 1, maxConcurrency),
  count('concurrency.perNodeOut', 1, maxConcurrency),
  count('concurrency.perZone', 1, maxConcurrency),
  wait('cooldown.shardMs'),
  wait('cooldown.nodeMs'),
  wait('cooldown.namespaceMs'),
  wait('cooldown.failureMs'),
  wait('cooldown.oscillationWindowMs'),
  count('cooldown.maxReturns', 0, 1_000),
  count('placement.minHealthyReplicas', 1, 1_000),
  count('placement.maxReplicasPerNode', 0, 2_147_483_647),
  count('placement.maxReplicasPerZone', 0, 2_147_483_647),
  positiveShare('placement.maxShareOfReplicasPerNode'),
  positiveShare('placement.maxShareOfReplicasPerZone'),
  positiveShare('placement.maxShareOfLoadPerNode'),
  positiveShare('placement.maxShareOfLoadPerZone'),
  share('benefit.minPlanGain'),
  factor('benefit.minGainPerPrice', 0),
  factor('benefit.pricePerMove', 0),
  factor('benefit.pricePerGiB', 0),
  factor('benefit.distanceFactors.withinZone', 0),
  factor('benefit.distanceFactors.withinRegion', 0),
  factor('benefit.distanceFactors.acrossRegions', 0),
  factor('benefit.pricePerMoveInGroup', 0),
  factor('benefit.leadershipWeight', 0),
  share('benefit.balanceTolerance'),
  count('approvals.required', 0, 100),
  // A second at least, so that an approval can arrive at all.
  { field: 'approvals.expiresAfterMs', kind: 'milliseconds', min: 1_000, max: maxPolicyDurationMs },
  count('incidents.throttledConcurrency', 1, maxConcurrency),
  positiveShare('incidents.maxUnhealthyShare'),
  deadline('execution.stepTimeoutMs'),
  deadline('execution.moveTimeoutMs'),
  count('execution.maxAttempts', 1, 100),
  wait('execution.backoffMs'),
  wait('execution.maxBackoffMs'),
  deadline('execution.drainTimeoutMs'),
  count('execution.maxFailedMoves', 1, 10_000_000),
  { field: 'execution.regressionFactor', kind: 'number', min: 0, max: 1_000 },
  { field: 'execution.assumedBytesPerSecond', kind: 'number', min: 1, max: Number.MAX_SAFE_INTEGER },
];

export interface ChoiceRule {
  readonly field: string;
  readonly choices: readonly string[];
}

const severities = ['info', 'warning', 'critical', 'never'];

export const planKinds = ['rebalance', 'restore', 'drain', 'rollback', 'manual'] as const;
export const spreadLevels = ['rack', 'zone', 'region'] as const;

export const choiceRules: readonly ChoiceRule[] = [
  { field: 'mode', choices: ['observe', 'propose', 'automatic'] },
  { field: 'scoring.combine', choices: ['max', 'weightedMean', 'noisyOr'] },
  { field: 'placement.transientHold', choices: ['move', 'plan'] },
  { field: 'incidents.throttleFrom', choices: severities },
  { field: 'incidents.haltFrom', choices: severities },
  { field: 'execution.onDrift', choices: ['fail', 'supersede'] },
];
