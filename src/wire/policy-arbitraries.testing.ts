import fc from 'fast-check';
import type { ShardSelector } from '../domain/policy.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import {
  amount,
  durationMs,
  key,
  name,
  real,
  share,
  small,
  strings,
  text,
  time,
  whole,
} from './arbitraries.testing.ts';

/** An object with any part of its members: what overlays are made of. */
function partial<T extends object>(
  members: { readonly [K in keyof T]: fc.Arbitrary<T[K]> },
): fc.Arbitrary<Partial<T>> {
  return fc.record(members as { [K in keyof T]: fc.Arbitrary<T[K]> }, { requiredKeys: [] }) as fc.Arbitrary<
    Partial<T>
  >;
}

const severity = fc.constantFrom('info', 'warning', 'critical', 'never');
const level = fc.constantFrom('rack', 'zone', 'region');
const kind = fc.constantFrom('rebalance', 'restore', 'drain', 'rollback', 'manual');
const threshold = partial({ enter: amount, clear: amount });
const atLeastOne = small.map((value) => Math.max(1, value));
const select: fc.Arbitrary<ShardSelector> = partial({
  group: text,
  prefix: text,
  shards: fc.array(name, { minLength: 1, maxLength: 2 }),
});
const smoothing = fc.oneof(
  fc.record({ kind: fc.constant('ewma'), halfLifeMs: durationMs }),
  fc.record({ kind: fc.constant('percentile'), percentile: amount, windowMs: durationMs }),
  fc.record({ kind: fc.constant('none') }),
);
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 2 });

const placement = partial({
  minHealthyReplicas: small,
  spread: list(fc.record({ select, level, minDomains: small, maxPerDomain: small })),
  labels: list(
    fc.record({ select, effect: fc.constantFrom('require', 'forbid'), label: text, values: strings }),
  ),
  pins: list(fc.record({ select, effect: fc.constantFrom('stay', 'only', 'never'), nodes: strings })),
  dependencies: list(fc.record({ group: text, dependsOn: text, level })),
  maxReplicasPerNode: small,
  maxReplicasPerZone: small,
  maxShareOfReplicasPerNode: share,
  maxShareOfReplicasPerZone: share,
  maxShareOfLoadPerNode: share,
  maxShareOfLoadPerZone: share,
  transientHold: fc.constantFrom('move', 'plan'),
  extensions: list(
    fc.record({
      name: text,
      parameters: fc.dictionary(key, fc.oneof(real, text), { maxKeys: 2, noNullPrototype: true }),
    }),
  ),
});

const approvalTier = fc.record(
  {
    name: text,
    aboveMoves: whole,
    aboveBytes: amount,
    aboveShareOfShards: share,
    required: small,
    groups: strings,
  },
  { requiredKeys: ['name', 'required', 'groups'] },
);

const changeControl = partial({
  ticketRequired: fc.boolean(),
  ticketPattern: text,
  windows: list(
    fc.record({
      days: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
      start: text,
      end: text,
      timeZone: text,
    }),
  ),
  freezes: list(fc.record({ from: time, until: time, reason: text })),
});

/** Any part of a policy, sensible or not. */
export const overlay = partial({
  mode: fc.constantFrom('observe', 'propose', 'automatic'),
  schedule: fc.option(partial({ cron: text, timeZone: text })),
  dimensions: list(
    fc.record({
      name: text,
      weight: amount,
      targetUtilization: share,
      hardLimit: amount,
      transient: fc.boolean(),
      smoothing,
    }),
  ),
  scoring: partial({
    adapters: list(
      fc.record({
        name: text,
        weight: amount,
        floor: share,
        parameters: fc.dictionary(key, amount, { maxKeys: 2, noNullPrototype: true }),
      }),
    ),
    combine: fc.constantFrom('max', 'weightedMean', 'noisyOr'),
    maxDerate: share,
  }),
  triggers: partial({
    peakToMean: threshold,
    overTarget: threshold,
    distress: threshold,
    confirmationMs: durationMs,
    evaluationIntervalMs: durationMs,
    backoffMs: durationMs,
    maxBackoffMs: durationMs,
  }),
  telemetry: partial({ maxAgeMs: durationMs, minCompleteness: share, maxSkewMs: durationMs }),
  budget: partial({
    maxMoves: whole,
    maxBytes: amount,
    maxShareOfShards: share,
    maxEvaluations: whole,
    maxSearchMs: durationMs,
    searchLanes: fc.integer({ min: 1, max: 8 }),
  }),
  concurrency: partial({
    cluster: atLeastOne,
    namespace: atLeastOne,
    perNodeIn: atLeastOne,
    perNodeOut: atLeastOne,
    perZone: atLeastOne,
  }),
  cooldown: partial({
    shardMs: durationMs,
    nodeMs: durationMs,
    namespaceMs: durationMs,
    failureMs: durationMs,
    oscillationWindowMs: durationMs,
    maxReturns: small,
  }),
  placement,
  benefit: partial({
    minPlanGain: share,
    minGainPerPrice: amount,
    pricePerMove: amount,
    pricePerGiB: amount,
    shardPrices: list(fc.record({ select, price: amount })),
    distanceFactors: partial({ withinZone: amount, withinRegion: amount, acrossRegions: amount }),
    pricePerMoveInGroup: amount,
    leadershipWeight: amount,
    balanceTolerance: share,
  }),
  approvals: partial({
    required: small,
    excludeAuthor: fc.boolean(),
    groups: strings,
    expiresAfterMs: durationMs,
    tiers: list(approvalTier),
    automatic: list(kind),
  }),
  incidents: partial({
    throttleFrom: severity,
    haltFrom: severity,
    throttledConcurrency: small,
    maxUnhealthyShare: share,
  }),
  changeControl,
  execution: partial({
    stepTimeoutMs: durationMs,
    moveTimeoutMs: durationMs,
    maxAttempts: small,
    backoffMs: durationMs,
    maxBackoffMs: durationMs,
    drainTimeoutMs: durationMs,
    onDrift: fc.constantFrom('fail', 'supersede'),
    maxFailedMoves: small,
    regressionFactor: amount,
    assumedBytesPerSecond: amount,
  }),
}) as fc.Arbitrary<PolicyOverlay>;
