import type { TopologyLevel } from './node.ts';

/**
 * What the people who own a namespace want of its rebalancing. A cluster's policy (empty namespace) holds the defaults
 * of its namespaces and the caps that they share; `policy-defaults.ts` holds ours, with the reasons; the effective
 * policy is ours, overlaid by the cluster's, overlaid by the namespace's (`policy-merge.ts`). Durations are
 * milliseconds here and texts such as `30s` in files.
 */
export interface Policy {
  readonly cluster: string;
  /** Empty for the cluster's own policy. */
  readonly namespace: string;
  /** Assigned by the store, from 1; 0 for a policy that was never applied. */
  readonly revision: number;
  readonly mode: PolicyMode;
  readonly schedule: SchedulePolicy | null;
  readonly dimensions: readonly DimensionPolicy[];
  readonly scoring: ScoringPolicy;
  readonly triggers: TriggerPolicy;
  readonly telemetry: TelemetryPolicy;
  readonly budget: BudgetPolicy;
  readonly concurrency: ConcurrencyPolicy;
  readonly cooldown: CooldownPolicy;
  readonly placement: PlacementPolicy;
  readonly benefit: BenefitPolicy;
  readonly approvals: ApprovalPolicy;
  readonly incidents: IncidentPolicy;
  readonly changeControl: ChangeControlPolicy;
  readonly execution: ExecutionPolicy;
}

/** observe: dry runs only. propose: plans wait for approval. automatic: plans within `approvals.automatic` run at once. */
export type PolicyMode = 'observe' | 'propose' | 'automatic';

/** Dry runs on a schedule. */
export interface SchedulePolicy {
  /** Five- or six-field cron expression. */
  readonly cron: string;
  /** IANA time zone. */
  readonly timeZone: string;
}

export interface DimensionPolicy {
  readonly name: string;
  /** Importance among the dimensions in the objective; at least 0. */
  readonly weight: number;
  /** Share of capacity above which a node is over target, 0..1. A node's own `target` goes before it. */
  readonly targetUtilization: number;
  /** Share of capacity that placement never exceeds; greater than 0. */
  readonly hardLimit: number;
  /** Held on the source as well as on the destination while a move runs (disk, memory). */
  readonly transient: boolean;
  readonly smoothing: SmoothingPolicy;
}

export type SmoothingPolicy =
  | { readonly kind: 'ewma'; readonly halfLifeMs: number }
  | { readonly kind: 'percentile'; readonly percentile: number; readonly windowMs: number }
  | { readonly kind: 'none' };

export interface ScoringPolicy {
  readonly adapters: readonly ScoringAdapterPolicy[];
  /** max: the worst counts. weightedMean: by weight. noisyOr: 1 - product of (1 - weight × distress). */
  readonly combine: 'max' | 'weightedMean' | 'noisyOr';
  /** Share of effective capacity that a node with distress 1 loses, 0..0.95. */
  readonly maxDerate: number;
}

export interface ScoringAdapterPolicy {
  readonly name: string;
  /** At least 0; 0 turns the adapter off. */
  readonly weight: number;
  /** Distress below this counts as none, 0..1. */
  readonly floor: number;
  /** Checked against the adapter's own schema. */
  readonly parameters: Readonly<Record<string, number>>;
}

/** When the controller begins to look (`enter`), and when it is satisfied again (`clear`, never above `enter`). */
export interface TriggerPolicy {
  /** Largest over mean utilisation of any dimension; at least 1. */
  readonly peakToMean: { readonly enter: number; readonly clear: number };
  /** Largest load over target of any node and dimension, 1 is at target. */
  readonly overTarget: { readonly enter: number; readonly clear: number };
  /** Distress of any node, 0..1. */
  readonly distress: { readonly enter: number; readonly clear: number };
  /** A trigger must hold this long before it is confirmed. */
  readonly confirmationMs: number;
  /** Between two evaluations. */
  readonly evaluationIntervalMs: number;
  /** After an investigation that found nothing worth its cost; doubles up to `maxBackoffMs`. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export interface TelemetryPolicy {
  /** Samples older than this are stale. */
  readonly maxAgeMs: number;
  /** Least completeness of a snapshot that a plan is made from, 0..1. */
  readonly minCompleteness: number;
  /** Samples that claim to be from later than now by more than this are refused as skewed. */
  readonly maxSkewMs: number;
}

/** Bounds of one plan and of the search for it. */
export interface BudgetPolicy {
  readonly maxMoves: number;
  readonly maxBytes: number;
  /** Share of the namespace's shards that one plan may touch, 0..1. */
  readonly maxShareOfShards: number;
  /** Candidate moves that the search may evaluate: the deterministic bound. */
  readonly maxEvaluations: number;
  /** Outer wall-clock cap of the search; plans that reach it are not reproducible and say so. */
  readonly maxSearchMs: number;
  /**
   * Searches with seeds of their own, of which the best plan counts, 1 to 8. Each has all of `maxEvaluations`;
   * `maxSearchMs` ends all of them. Only fleets small enough to be annealed have more than one.
   */
  readonly searchLanes: number;
}

/** Moves that may run at the same time. Each at least 1. */
export interface ConcurrencyPolicy {
  /** Over all namespaces of the cluster; only the cluster's policy sets it. */
  readonly cluster: number;
  readonly namespace: number;
  readonly perNodeIn: number;
  readonly perNodeOut: number;
  /** Moves into or out of one zone. */
  readonly perZone: number;
}

export interface CooldownPolicy {
  /** After a move of the shard. */
  readonly shardMs: number;
  /** After a move into or out of the node, before another plan uses it. */
  readonly nodeMs: number;
  /** After a plan of the namespace ended. */
  readonly namespaceMs: number;
  /** After a plan that failed. */
  readonly failureMs: number;
  /** A shard that returns to a node it left within this time oscillates... */
  readonly oscillationWindowMs: number;
  /** ...and may do so this often. */
  readonly maxReturns: number;
}

export interface PlacementPolicy {
  /** Healthy replicas of a shard that must exist at every moment of a plan; at least 1. */
  readonly minHealthyReplicas: number;
  /** Rules are tried in order; the first of each level whose selector matches a shard gives its spread there. */
  readonly spread: readonly SpreadRule[];
  readonly labels: readonly LabelRule[];
  readonly pins: readonly PinRule[];
  readonly dependencies: readonly DependencyRule[];
  /** Replicas of the namespace on one node; 0 for no limit. */
  readonly maxReplicasPerNode: number;
  /** Replicas of the namespace in one zone; 0 for no limit. */
  readonly maxReplicasPerZone: number;
  /** Share of the namespace's replicas (of its load, in its worst dimension) on one node or zone, 0..1; 1: no limit. */
  readonly maxShareOfReplicasPerNode: number;
  readonly maxShareOfReplicasPerZone: number;
  readonly maxShareOfLoadPerNode: number;
  readonly maxShareOfLoadPerZone: number;
  /** Whether transient dimensions are held on the source until the move or until the whole plan has ended. */
  readonly transientHold: 'move' | 'plan';
  /** Rules and terms of planner modules that this namespace is planned by; each name at most once. */
  readonly extensions: readonly ExtensionPolicy[];
}

/** A planner extension that is used, and what it is set to; parameters left out have the extension's own defaults. */
export interface ExtensionPolicy {
  readonly name: string;
  /** Checked against the extension's own schema. */
  readonly parameters: Readonly<Record<string, number | string>>;
}

/** Which shards a rule is about; every given part must match, an empty selector matches all. */
export interface ShardSelector {
  /** Exact group name. */
  readonly group?: string;
  /** Start of the shard id. */
  readonly prefix?: string;
  readonly shards?: readonly string[];
}

/** Spread of a shard's replicas over the domains of a level; a shard may have a rule for each. */
export interface SpreadRule {
  readonly select: ShardSelector;
  readonly level: Exclude<TopologyLevel, 'node'>;
  /** Least number of distinct domains. */
  readonly minDomains: number;
  /** Most replicas of the shard in one domain; 0 for no limit. */
  readonly maxPerDomain: number;
}

/** Replicas of the selected shards only (`require`) or never (`forbid`) on nodes with the label. */
export interface LabelRule {
  readonly select: ShardSelector;
  readonly effect: 'require' | 'forbid';
  readonly label: string;
  /** Values that count; none: any value, so that the label need only be there. */
  readonly values: readonly string[];
}

/** Replicas of the selected shards stay (`stay`), or live only on the named nodes (`only`), or never there (`never`). */
export interface PinRule {
  readonly select: ShardSelector;
  readonly effect: 'stay' | 'only' | 'never';
  readonly nodes: readonly string[];
}

/** In every domain of the level that runs a replica of `group`, `dependsOn` runs one as well. */
export interface DependencyRule {
  readonly group: string;
  readonly dependsOn: string;
  readonly level: Exclude<TopologyLevel, 'node'>;
}

export interface BenefitPolicy {
  /** Least relative improvement of the objective that makes a plan worth making, 0..1. */
  readonly minPlanGain: number;
  /** A move must gain at least this multiple of its price; 0 keeps every move that gains. */
  readonly minGainPerPrice: number;
  /** Price of a move: per move, and per GiB copied, in units of the objective (dimensionless load). */
  readonly pricePerMove: number;
  readonly pricePerGiB: number;
  /** Share above its fair share that a node may carry and still count as balanced, 0..1. */
  readonly balanceTolerance: number;
  /** What a move of some shards costs besides; the first rule that selects a shard counts. */
  readonly shardPrices: readonly ShardPriceRule[];
  /** A relocation costs its price times the factor of how far it goes; each at least 0. */
  readonly distanceFactors: DistanceFactors;
  /** Price of each move of the group of shards that moves most: a plan that is spread over groups is cheaper. */
  readonly pricePerMoveInGroup: number;
  /** Importance of an even number of leaders per node beside the dimensions' balance; 0: leaders are not counted. */
  readonly leadershipWeight: number;
}

/** In units of the objective, as `pricePerMove`. */
export interface ShardPriceRule {
  readonly select: ShardSelector;
  readonly price: number;
}

export interface DistanceFactors {
  readonly withinZone: number;
  /** Between zones of a region. */
  readonly withinRegion: number;
  readonly acrossRegions: number;
}

export interface ApprovalPolicy {
  /** Distinct principals who must approve; 0 means none. */
  readonly required: number;
  readonly excludeAuthor: boolean;
  /** When not empty, only members of these groups count. */
  readonly groups: readonly string[];
  readonly expiresAfterMs: number;
  /** Larger plans need more; the tier with the most approvals among those that apply counts. */
  readonly tiers: readonly ApprovalTier[];
  /** Plan kinds that mode `automatic` starts without asking. */
  readonly automatic: readonly PlanKind[];
}

export interface ApprovalTier {
  /** Name shown to people: `large`, `critical`. */
  readonly name: string;
  /** Applies above any one of these; absent means does not matter. */
  readonly aboveMoves?: number;
  readonly aboveBytes?: number;
  readonly aboveShareOfShards?: number;
  readonly required: number;
  readonly groups: readonly string[];
}

/** Why a plan exists. */
export type PlanKind = 'rebalance' | 'restore' | 'drain' | 'rollback' | 'manual';

export interface IncidentPolicy {
  /** Severity from which moves are slowed to `throttledConcurrency`, and from which none starts. */
  readonly throttleFrom: IncidentSeverityOrNever;
  readonly haltFrom: IncidentSeverityOrNever;
  readonly throttledConcurrency: number;
  /** Share of unhealthy nodes from which nothing moves (mass failure), 0..1. */
  readonly maxUnhealthyShare: number;
}

export type IncidentSeverityOrNever = 'info' | 'warning' | 'critical' | 'never';

export interface ChangeControlPolicy {
  readonly ticketRequired: boolean;
  /** Regular expression that the whole ticket must match. */
  readonly ticketPattern: string;
  /** When not empty, moves start only inside one of them. */
  readonly windows: readonly ChangeWindow[];
  readonly freezes: readonly Freeze[];
}

export interface ChangeWindow {
  /** 1 Monday .. 7 Sunday. */
  readonly days: readonly number[];
  /** `HH:MM`; a window whose end is not after its start crosses midnight. */
  readonly start: string;
  readonly end: string;
  readonly timeZone: string;
}

export interface Freeze {
  /** Milliseconds since the epoch (RFC 3339 in files). */
  readonly from: number;
  readonly until: number;
  readonly reason: string;
}

export interface ExecutionPolicy {
  /** Deadline of one step of a move (prepare, drain, transfer, verify, release). */
  readonly stepTimeoutMs: number;
  /** Deadline of a whole move. */
  readonly moveTimeoutMs: number;
  /** Attempts of one step, at least 1. */
  readonly maxAttempts: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** Deadline of a plan that vacates nodes. */
  readonly drainTimeoutMs: number;
  /** When a move's precondition no longer holds: the plan fails, or is superseded and the controller looks anew. */
  readonly onDrift: 'fail' | 'supersede';
  /** Failed moves from which the plan fails. */
  readonly maxFailedMoves: number;
  /** A wave that worsens the worst node's latency or error rate by this factor pauses the plan; 0 turns it off. */
  readonly regressionFactor: number;
  /** Bytes per second that one move copies, for the ETA until measured. */
  readonly assumedBytesPerSecond: number;
}
