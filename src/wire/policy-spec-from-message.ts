import { create } from '@bufbuild/protobuf';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import {
  type ApprovalPolicy,
  ApprovalPolicySchema,
  type BenefitPolicy,
  BenefitPolicySchema,
  type BudgetPolicy,
  type ChangeControlPolicy,
  ChangeControlPolicySchema,
  type ConcurrencyPolicy,
  type CooldownPolicy,
  type DistanceFactors,
  type ExecutionPolicy,
  type IncidentPolicy,
  type PlacementPolicy,
  PlacementPolicySchema,
  type PolicySpec,
  type SchedulePolicy,
  type ScoringPolicy,
  ScoringPolicySchema,
  type TelemetryPolicy,
  type Threshold,
  type TriggerPolicy,
} from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { type ClearablePath, checkedClearedPaths } from './policy-cleared.ts';
import {
  combineCodec,
  onDriftCodec,
  planKindCodec,
  policyModeCodec,
  severityOrNeverCodec,
  transientHoldCodec,
} from './policy-enums.ts';
import {
  adapterPolicyFromMessage,
  approvalTierFromMessage,
  changeWindowFromMessage,
  dependencyRuleFromMessage,
  dimensionPolicyFromMessage,
  extensionPolicyFromMessage,
  freezeFromMessage,
  labelRuleFromMessage,
  pinRuleFromMessage,
  shardPriceFromMessage,
  spreadRuleFromMessage,
} from './policy-rules-codec.ts';
import { compact, optionalDurationFromMessage, optionalWholeFromMessage } from './scalars.ts';

type Section<Name extends keyof PolicyOverlay> = NonNullable<PolicyOverlay[Name]>;
type Cleared = ReadonlySet<ClearablePath>;

/**
 * The part of a policy that the message has; what it leaves out is absent, never `undefined`. Expects a message that
 * passed validation. Throws `ProblemError` FIELD_INVALID for a cleared path or an enum value that we do not know.
 */
export function policySpecFromMessage(message: PolicySpec): PolicyOverlay {
  const cleared = checkedClearedPaths(message.cleared);
  return compact({
    mode: policyModeCodec.optionalFromMessage(message.mode),
    schedule: cleared.has('schedule') ? null : optional(message.schedule, scheduleFromMessage),
    dimensions: list('dimensions', message.dimensions, cleared, dimensionPolicyFromMessage),
    scoring: optional(
      sectionOf(message.scoring, 'scoring.', cleared, () => create(ScoringPolicySchema)),
      (each) => scoringFromMessage(each, cleared),
    ),
    triggers: optional(message.triggers, triggersFromMessage),
    telemetry: optional(message.telemetry, telemetryFromMessage),
    budget: optional(message.budget, budgetFromMessage),
    concurrency: optional(message.concurrency, concurrencyFromMessage),
    cooldown: optional(message.cooldown, cooldownFromMessage),
    placement: optional(
      sectionOf(message.placement, 'placement.', cleared, () => create(PlacementPolicySchema)),
      (each) => placementFromMessage(each, cleared),
    ),
    benefit: optional(
      sectionOf(message.benefit, 'benefit.', cleared, () => create(BenefitPolicySchema)),
      (each) => benefitFromMessage(each, cleared),
    ),
    approvals: optional(
      sectionOf(message.approvals, 'approvals.', cleared, () => create(ApprovalPolicySchema)),
      (each) => approvalsFromMessage(each, cleared),
    ),
    incidents: optional(message.incidents, incidentsFromMessage),
    changeControl: optional(
      sectionOf(message.changeControl, 'changeControl.', cleared, () => create(ChangeControlPolicySchema)),
      (each) => changeControlFromMessage(each, cleared),
    ),
    execution: optional(message.execution, executionFromMessage),
  });
}

function optional<M, T>(message: M | undefined, convert: (message: M) => T): T | undefined {
  return message === undefined ? undefined : convert(message);
}

/** The section, or an empty one when the document says nothing in it but that a list of it is cleared. */
function sectionOf<M>(
  message: M | undefined,
  prefix: string,
  cleared: Cleared,
  empty: () => M,
): M | undefined {
  if (message !== undefined) return message;
  return [...cleared].some((path) => path.startsWith(prefix)) ? empty() : undefined;
}

function list<M, T>(
  path: ClearablePath,
  messages: readonly M[],
  cleared: Cleared,
  convert: (message: M) => T,
): readonly T[] | undefined {
  if (messages.length > 0) return messages.map(convert);
  return cleared.has(path) ? [] : undefined;
}

function scheduleFromMessage(message: SchedulePolicy): Section<'schedule'> {
  return compact({ cron: message.cron, timeZone: message.timeZone });
}

function scoringFromMessage(message: ScoringPolicy, cleared: Cleared): Section<'scoring'> {
  return compact({
    adapters: list('scoring.adapters', message.adapters, cleared, adapterPolicyFromMessage),
    combine: combineCodec.optionalFromMessage(message.combine),
    maxDerate: message.maxDerate,
  });
}

function triggersFromMessage(message: TriggerPolicy): Section<'triggers'> {
  return compact({
    peakToMean: optional(message.peakToMean, thresholdFromMessage),
    overTarget: optional(message.overTarget, thresholdFromMessage),
    distress: optional(message.distress, thresholdFromMessage),
    confirmationMs: optionalDurationFromMessage(message.confirmation),
    evaluationIntervalMs: optionalDurationFromMessage(message.evaluationInterval),
    backoffMs: optionalDurationFromMessage(message.backoff),
    maxBackoffMs: optionalDurationFromMessage(message.maxBackoff),
  });
}

function thresholdFromMessage(message: Threshold): { readonly enter?: number; readonly clear?: number } {
  return compact({ enter: message.enter, clear: message.clear });
}

function telemetryFromMessage(message: TelemetryPolicy): Section<'telemetry'> {
  return compact({
    maxAgeMs: optionalDurationFromMessage(message.maxAge),
    minCompleteness: message.minCompleteness,
    maxSkewMs: optionalDurationFromMessage(message.maxSkew),
  });
}

function budgetFromMessage(message: BudgetPolicy): Section<'budget'> {
  return compact({
    maxMoves: optionalWholeFromMessage(message.maxMoves),
    maxBytes: message.maxBytes,
    maxShareOfShards: message.maxShareOfShards,
    maxEvaluations: optionalWholeFromMessage(message.maxEvaluations),
    maxSearchMs: optionalDurationFromMessage(message.maxSearch),
    searchLanes: message.searchLanes,
  });
}

function concurrencyFromMessage(message: ConcurrencyPolicy): Section<'concurrency'> {
  return compact({
    cluster: message.cluster,
    namespace: message.namespace,
    perNodeIn: message.perNodeIn,
    perNodeOut: message.perNodeOut,
    perZone: message.perZone,
  });
}

function cooldownFromMessage(message: CooldownPolicy): Section<'cooldown'> {
  return compact({
    shardMs: optionalDurationFromMessage(message.shard),
    nodeMs: optionalDurationFromMessage(message.node),
    namespaceMs: optionalDurationFromMessage(message.namespace),
    failureMs: optionalDurationFromMessage(message.failure),
    oscillationWindowMs: optionalDurationFromMessage(message.oscillationWindow),
    maxReturns: message.maxReturns,
  });
}

function placementFromMessage(message: PlacementPolicy, cleared: Cleared): Section<'placement'> {
  return compact({
    minHealthyReplicas: message.minHealthyReplicas,
    spread: list('placement.spread', message.spread, cleared, spreadRuleFromMessage),
    labels: list('placement.labels', message.labels, cleared, labelRuleFromMessage),
    pins: list('placement.pins', message.pins, cleared, pinRuleFromMessage),
    dependencies: list('placement.dependencies', message.dependencies, cleared, dependencyRuleFromMessage),
    maxReplicasPerNode: message.maxReplicasPerNode,
    maxReplicasPerZone: message.maxReplicasPerZone,
    maxShareOfReplicasPerNode: message.maxShareOfReplicasPerNode,
    maxShareOfReplicasPerZone: message.maxShareOfReplicasPerZone,
    maxShareOfLoadPerNode: message.maxShareOfLoadPerNode,
    maxShareOfLoadPerZone: message.maxShareOfLoadPerZone,
    transientHold: transientHoldCodec.optionalFromMessage(message.transientHold),
    extensions: list('placement.extensions', message.extensions, cleared, extensionPolicyFromMessage),
  });
}

function benefitFromMessage(message: BenefitPolicy, cleared: Cleared): Section<'benefit'> {
  return compact({
    minPlanGain: message.minPlanGain,
    minGainPerPrice: message.minGainPerPrice,
    pricePerMove: message.pricePerMove,
    pricePerGiB: message.pricePerGib,
    shardPrices: list('benefit.shardPrices', message.shardPrices, cleared, shardPriceFromMessage),
    distanceFactors: optional(message.distanceFactors, distanceFactorsFromMessage),
    pricePerMoveInGroup: message.pricePerMoveInGroup,
    leadershipWeight: message.leadershipWeight,
    balanceTolerance: message.balanceTolerance,
  });
}

function distanceFactorsFromMessage(message: DistanceFactors): Section<'benefit'>['distanceFactors'] {
  const { withinZone, withinRegion, acrossRegions } = message;
  return compact({ withinZone, withinRegion, acrossRegions });
}

function approvalsFromMessage(message: ApprovalPolicy, cleared: Cleared): Section<'approvals'> {
  return compact({
    required: message.required,
    excludeAuthor: message.excludeAuthor,
    groups: list('approvals.groups', message.groups, cleared, (group) => group),
    expiresAfterMs: optionalDurationFromMessage(message.expiresAfter),
    tiers: list('approvals.tiers', message.tiers, cleared, approvalTierFromMessage),
    automatic: list('approvals.automatic', message.automatic, cleared, planKindCodec.fromMessage),
  });
}

function incidentsFromMessage(message: IncidentPolicy): Section<'incidents'> {
  return compact({
    throttleFrom: severityOrNeverCodec.optionalFromMessage(message.throttleFrom),
    haltFrom: severityOrNeverCodec.optionalFromMessage(message.haltFrom),
    throttledConcurrency: message.throttledConcurrency,
    maxUnhealthyShare: message.maxUnhealthyShare,
  });
}

function changeControlFromMessage(message: ChangeControlPolicy, cleared: Cleared): Section<'changeControl'> {
  return compact({
    ticketRequired: message.ticketRequired,
    ticketPattern: message.ticketPattern,
    windows: list('changeControl.windows', message.windows, cleared, changeWindowFromMessage),
    freezes: list('changeControl.freezes', message.freezes, cleared, freezeFromMessage),
  });
}

function executionFromMessage(message: ExecutionPolicy): Section<'execution'> {
  return compact({
    stepTimeoutMs: optionalDurationFromMessage(message.stepTimeout),
    moveTimeoutMs: optionalDurationFromMessage(message.moveTimeout),
    maxAttempts: message.maxAttempts,
    backoffMs: optionalDurationFromMessage(message.backoff),
    maxBackoffMs: optionalDurationFromMessage(message.maxBackoff),
    drainTimeoutMs: optionalDurationFromMessage(message.drainTimeout),
    onDrift: onDriftCodec.optionalFromMessage(message.onDrift),
    maxFailedMoves: message.maxFailedMoves,
    regressionFactor: message.regressionFactor,
    assumedBytesPerSecond: message.assumedBytesPerSecond,
  });
}
