import type { ConcurrencyPolicy, ExecutionPolicy, Policy, ScoringPolicy, TriggerPolicy } from './policy.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const gib = 1_073_741_824;

/**
 * The policy of a namespace for which nobody wrote one: careful enough to be left on, with the reason beside each
 * number. Overlays of the cluster and of the namespace replace single fields (`policy-merge.ts`).
 */
export function defaultPolicy(cluster: string, namespace: string): Policy {
  return {
    cluster,
    namespace,
    revision: 0,
    // People decide until they say otherwise.
    mode: 'propose',
    schedule: null,
    // None listed: every dimension of the snapshot with the defaults of `policy-dimensions.ts`.
    dimensions: [],
    scoring: defaultScoring,
    triggers: defaultTriggers,
    telemetry: {
      // Three missed samples at the usual ten seconds, so that one lost scrape stops nothing.
      maxAgeMs: 30 * secondMs,
      // A twentieth of the fleet may be silent; with more missing, a plan would be guesswork.
      minCompleteness: 0.95,
      // NTP keeps machines within milliseconds; five seconds is a broken clock.
      maxSkewMs: 5 * secondMs,
    },
    budget: {
      // What a person can still review before approving.
      maxMoves: 500,
      // Two hours of copying at the default concurrency and assumed rate.
      maxBytes: 4_096 * gib,
      // A mistake in one plan touches at most a tenth of the namespace.
      maxShareOfShards: 0.1,
      // Roughly a second of search on one core at a million replicas.
      maxEvaluations: 5_000_000,
      // Far above what the evaluations take, so that it ends a search only on a machine that is starved.
      maxSearchMs: 10 * secondMs,
      // Two cores are the least that a service has: there the second search runs beside the first.
      searchLanes: 2,
    },
    concurrency: defaultConcurrency,
    cooldown: {
      // A shard's load needs some minutes after a move before it can be judged where it is now.
      shardMs: 10 * minuteMs,
      // Caches of a node warm up within a few minutes.
      nodeMs: 5 * minuteMs,
      // Lets smoothing (half-life one minute) forget the plan's own disturbance.
      namespaceMs: 5 * minuteMs,
      // After a failure people should look before the service tries again.
      failureMs: 15 * minuteMs,
      // A load that swings with the day would return within a day; six hours catches thrash without forbidding that.
      oscillationWindowMs: 6 * hourMs,
      // One return may be a correction; the second is thrash.
      maxReturns: 1,
    },
    placement: {
      // One healthy copy at every moment is the least that keeps a shard served.
      minHealthyReplicas: 1,
      spread: [],
      labels: [],
      pins: [],
      dependencies: [],
      maxReplicasPerNode: 0,
      maxReplicasPerZone: 0,
      // 1 is no limit: how concentrated a fleet may be depends on how many nodes it has.
      maxShareOfReplicasPerNode: 1,
      maxShareOfReplicasPerZone: 1,
      maxShareOfLoadPerNode: 1,
      maxShareOfLoadPerZone: 1,
      transientHold: 'move',
      extensions: [],
    },
    benefit: {
      // Below one part in a hundred the improvement drowns in the noise of the loads.
      minPlanGain: 0.01,
      minGainPerPrice: 1,
      // Load is in shares of a node's capacity; moving is worth it from a ten-thousandth of one node.
      pricePerMove: 0.0001,
      pricePerGiB: 0.00001,
      shardPrices: [],
      // What a copy costs on its way differs from cloud to cloud; who pays for zones or regions says how much.
      distanceFactors: { withinZone: 1, withinRegion: 1, acrossRegions: 1 },
      pricePerMoveInGroup: 0,
      // What leading costs is in the leaders' own loads; counting leaders as well would move them for nothing.
      leadershipWeight: 0,
      // Loads of a node swing by more than this within minutes; evening out less would be undone by the next swing.
      balanceTolerance: 0.02,
    },
    approvals: {
      // Four eyes: the author and one other person.
      required: 1,
      excludeAuthor: true,
      groups: [],
      // A working day: after that the fleet is a different one.
      expiresAfterMs: 8 * hourMs,
      // A plan that touches more than a twentieth of the shards wants a second opinion.
      tiers: [{ name: 'large', aboveShareOfShards: 0.05, required: 2, groups: [] }],
      automatic: [],
    },
    incidents: {
      throttleFrom: 'warning',
      haltFrom: 'critical',
      // Slow, yet a drain still ends.
      throttledConcurrency: 1,
      // With a fifth of the nodes gone it is not the placement that is broken.
      maxUnhealthyShare: 0.2,
    },
    changeControl: { ticketRequired: false, ticketPattern: '', windows: [], freezes: [] },
    execution: defaultExecution,
  };
}

/** Adapters that have nothing to say about a node (no signal) leave it unscored, so all four can be on everywhere. */
const defaultScoring: ScoringPolicy = {
  adapters: [
    // Users feel latency and errors first; both have full weight.
    { name: 'latency', weight: 1, floor: 0.1, parameters: {} },
    { name: 'error-rate', weight: 1, floor: 0.1, parameters: {} },
    // A backlog is an early sign that also clears by itself: somewhat less.
    { name: 'backlog', weight: 0.8, floor: 0.1, parameters: {} },
    // The objective counts load already; pressure only adds to it near the limit.
    { name: 'capacity-pressure', weight: 0.5, floor: 0.2, parameters: {} },
  ],
  // One bad signal is enough reason to give a node less.
  combine: 'max',
  // Even a node in full distress keeps half of its share: taking all would move its trouble elsewhere.
  maxDerate: 0.5,
};

const defaultTriggers: TriggerPolicy = {
  // A fleet at 1.05 is as good as balanced; a quarter above the mean is visible in latency. The gap between the two
  // keeps the controller from flapping.
  peakToMean: { enter: 1.25, clear: 1.1 },
  // 1 is at target; a tenth above it is no longer noise.
  overTarget: { enter: 1.1, clear: 1 },
  distress: { enter: 0.7, clear: 0.4 },
  // Several evaluations in a row, and longer than most bursts.
  confirmationMs: minuteMs,
  // Well below telemetry.maxAgeMs: moves are judged by the newest snapshot, which must not grow stale in between.
  evaluationIntervalMs: 10 * secondMs,
  backoffMs: 5 * minuteMs,
  maxBackoffMs: hourMs,
};

const defaultConcurrency: ConcurrencyPolicy = {
  // Four namespaces at their full rate.
  cluster: 32,
  namespace: 8,
  // Copying in competes with serving; two saturate a typical disk or link.
  perNodeIn: 2,
  perNodeOut: 2,
  // Half of the namespace's moves, so that one zone's links never carry them all.
  perZone: 4,
};

const defaultExecution: ExecutionPolicy = {
  // A copy runs as a step that reports progress; this bounds one step, not one call.
  stepTimeoutMs: 5 * minuteMs,
  // A hundred GiB at the assumed rate, with room for the other steps.
  moveTimeoutMs: 30 * minuteMs,
  maxAttempts: 5,
  backoffMs: 500,
  maxBackoffMs: 30 * secondMs,
  drainTimeoutMs: 2 * hourMs,
  onDrift: 'fail',
  // One failure may be bad luck, three are a pattern.
  maxFailedMoves: 3,
  // Latency or errors that grow by half after a wave are the wave's doing more often than not.
  regressionFactor: 1.5,
  // What one stream over a shared gigabit link gets, in bytes per second.
  assumedBytesPerSecond: 100_000_000,
};
