import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import {
  type ApprovalPolicySchema,
  type BenefitPolicySchema,
  type BudgetPolicySchema,
  type ChangeControlPolicySchema,
  type ConcurrencyPolicySchema,
  type CooldownPolicySchema,
  type ExecutionPolicySchema,
  type IncidentPolicySchema,
  type PlacementPolicySchema,
  type PolicySpec,
  PolicySpecSchema,
  type ScoringPolicySchema,
  type TelemetryPolicySchema,
  type TriggerPolicySchema,
} from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { clearedPaths } from './policy-cleared.ts';
import {
  combineCodec,
  onDriftCodec,
  planKindCodec,
  policyModeCodec,
  severityOrNeverCodec,
  transientHoldCodec,
} from './policy-enums.ts';
import {
  adapterPolicyToMessage,
  approvalTierToMessage,
  changeWindowToMessage,
  dependencyRuleToMessage,
  dimensionPolicyToMessage,
  extensionPolicyToMessage,
  freezeToMessage,
  labelRuleToMessage,
  pinRuleToMessage,
  shardPriceToMessage,
  spreadRuleToMessage,
} from './policy-rules-codec.ts';
import { optionalDurationToMessage, optionalWholeToMessage } from './scalars.ts';

/** Any part of a policy; empty lists and a removed schedule stand in `cleared`. */
export function policySpecToMessage(overlay: PolicyOverlay): PolicySpec {
  return create(PolicySpecSchema, {
    mode: optional(overlay.mode, policyModeCodec.toMessage),
    schedule: overlay.schedule
      ? { cron: overlay.schedule.cron, timeZone: overlay.schedule.timeZone }
      : undefined,
    dimensions: (overlay.dimensions ?? []).map(dimensionPolicyToMessage),
    scoring: optional(overlay.scoring, scoringToMessage),
    triggers: optional(overlay.triggers, triggersToMessage),
    telemetry: optional(overlay.telemetry, telemetryToMessage),
    budget: optional(overlay.budget, budgetToMessage),
    concurrency: optional(overlay.concurrency, concurrencyToMessage),
    cooldown: optional(overlay.cooldown, cooldownToMessage),
    placement: optional(overlay.placement, placementToMessage),
    benefit: optional(overlay.benefit, benefitToMessage),
    approvals: optional(overlay.approvals, approvalsToMessage),
    incidents: optional(overlay.incidents, incidentsToMessage),
    changeControl: optional(overlay.changeControl, changeControlToMessage),
    execution: optional(overlay.execution, executionToMessage),
    cleared: clearedPaths(overlay),
  });
}

type Section<Name extends keyof PolicyOverlay> = NonNullable<PolicyOverlay[Name]>;

function optional<T, M>(value: T | undefined, convert: (value: T) => M): M | undefined {
  return value === undefined ? undefined : convert(value);
}

function scoringToMessage(policy: Section<'scoring'>): MessageInitShape<typeof ScoringPolicySchema> {
  return {
    adapters: (policy.adapters ?? []).map(adapterPolicyToMessage),
    combine: optional(policy.combine, combineCodec.toMessage),
    maxDerate: policy.maxDerate,
  };
}

function triggersToMessage(policy: Section<'triggers'>): MessageInitShape<typeof TriggerPolicySchema> {
  return {
    peakToMean: policy.peakToMean && { ...policy.peakToMean },
    overTarget: policy.overTarget && { ...policy.overTarget },
    distress: policy.distress && { ...policy.distress },
    confirmation: optionalDurationToMessage(policy.confirmationMs),
    evaluationInterval: optionalDurationToMessage(policy.evaluationIntervalMs),
    backoff: optionalDurationToMessage(policy.backoffMs),
    maxBackoff: optionalDurationToMessage(policy.maxBackoffMs),
  };
}

function telemetryToMessage(policy: Section<'telemetry'>): MessageInitShape<typeof TelemetryPolicySchema> {
  return {
    maxAge: optionalDurationToMessage(policy.maxAgeMs),
    minCompleteness: policy.minCompleteness,
    maxSkew: optionalDurationToMessage(policy.maxSkewMs),
  };
}

function budgetToMessage(policy: Section<'budget'>): MessageInitShape<typeof BudgetPolicySchema> {
  return {
    maxMoves: optionalWholeToMessage(policy.maxMoves),
    maxBytes: policy.maxBytes,
    maxShareOfShards: policy.maxShareOfShards,
    maxEvaluations: optionalWholeToMessage(policy.maxEvaluations),
    maxSearch: optionalDurationToMessage(policy.maxSearchMs),
    searchLanes: policy.searchLanes,
  };
}

function concurrencyToMessage(
  policy: Section<'concurrency'>,
): MessageInitShape<typeof ConcurrencyPolicySchema> {
  return {
    cluster: policy.cluster,
    namespace: policy.namespace,
    perNodeIn: policy.perNodeIn,
    perNodeOut: policy.perNodeOut,
    perZone: policy.perZone,
  };
}

function cooldownToMessage(policy: Section<'cooldown'>): MessageInitShape<typeof CooldownPolicySchema> {
  return {
    shard: optionalDurationToMessage(policy.shardMs),
    node: optionalDurationToMessage(policy.nodeMs),
    namespace: optionalDurationToMessage(policy.namespaceMs),
    failure: optionalDurationToMessage(policy.failureMs),
    oscillationWindow: optionalDurationToMessage(policy.oscillationWindowMs),
    maxReturns: policy.maxReturns,
  };
}

function placementToMessage(policy: Section<'placement'>): MessageInitShape<typeof PlacementPolicySchema> {
  return {
    minHealthyReplicas: policy.minHealthyReplicas,
    spread: (policy.spread ?? []).map(spreadRuleToMessage),
    labels: (policy.labels ?? []).map(labelRuleToMessage),
    pins: (policy.pins ?? []).map(pinRuleToMessage),
    dependencies: (policy.dependencies ?? []).map(dependencyRuleToMessage),
    maxReplicasPerNode: policy.maxReplicasPerNode,
    maxReplicasPerZone: policy.maxReplicasPerZone,
    maxShareOfReplicasPerNode: policy.maxShareOfReplicasPerNode,
    maxShareOfReplicasPerZone: policy.maxShareOfReplicasPerZone,
    maxShareOfLoadPerNode: policy.maxShareOfLoadPerNode,
    maxShareOfLoadPerZone: policy.maxShareOfLoadPerZone,
    transientHold: optional(policy.transientHold, transientHoldCodec.toMessage),
    extensions: (policy.extensions ?? []).map(extensionPolicyToMessage),
  };
}

function benefitToMessage(policy: Section<'benefit'>): MessageInitShape<typeof BenefitPolicySchema> {
  return {
    minPlanGain: policy.minPlanGain,
    minGainPerPrice: policy.minGainPerPrice,
    pricePerMove: policy.pricePerMove,
    pricePerGib: policy.pricePerGiB,
    shardPrices: (policy.shardPrices ?? []).map(shardPriceToMessage),
    distanceFactors: policy.distanceFactors && { ...policy.distanceFactors },
    pricePerMoveInGroup: policy.pricePerMoveInGroup,
    leadershipWeight: policy.leadershipWeight,
    balanceTolerance: policy.balanceTolerance,
  };
}

function approvalsToMessage(policy: Section<'approvals'>): MessageInitShape<typeof ApprovalPolicySchema> {
  return {
    required: policy.required,
    excludeAuthor: policy.excludeAuthor,
    groups: [...(policy.groups ?? [])],
    expiresAfter: optionalDurationToMessage(policy.expiresAfterMs),
    tiers: (policy.tiers ?? []).map(approvalTierToMessage),
    automatic: (policy.automatic ?? []).map(planKindCodec.toMessage),
  };
}

function incidentsToMessage(policy: Section<'incidents'>): MessageInitShape<typeof IncidentPolicySchema> {
  return {
    throttleFrom: optional(policy.throttleFrom, severityOrNeverCodec.toMessage),
    haltFrom: optional(policy.haltFrom, severityOrNeverCodec.toMessage),
    throttledConcurrency: policy.throttledConcurrency,
    maxUnhealthyShare: policy.maxUnhealthyShare,
  };
}

function changeControlToMessage(
  policy: Section<'changeControl'>,
): MessageInitShape<typeof ChangeControlPolicySchema> {
  return {
    ticketRequired: policy.ticketRequired,
    ticketPattern: policy.ticketPattern,
    windows: (policy.windows ?? []).map(changeWindowToMessage),
    freezes: (policy.freezes ?? []).map(freezeToMessage),
  };
}

function executionToMessage(policy: Section<'execution'>): MessageInitShape<typeof ExecutionPolicySchema> {
  return {
    stepTimeout: optionalDurationToMessage(policy.stepTimeoutMs),
    moveTimeout: optionalDurationToMessage(policy.moveTimeoutMs),
    maxAttempts: policy.maxAttempts,
    backoff: optionalDurationToMessage(policy.backoffMs),
    maxBackoff: optionalDurationToMessage(policy.maxBackoffMs),
    drainTimeout: optionalDurationToMessage(policy.drainTimeoutMs),
    onDrift: optional(policy.onDrift, onDriftCodec.toMessage),
    maxFailedMoves: policy.maxFailedMoves,
    regressionFactor: policy.regressionFactor,
    assumedBytesPerSecond: policy.assumedBytesPerSecond,
  };
}
