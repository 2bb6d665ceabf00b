import type {
  ExecutionPolicy,
  IncidentSeverityOrNever,
  LabelRule,
  PinRule,
  PlacementPolicy,
  PlanKind,
  PolicyMode,
  ScoringPolicy,
  SpreadRule,
} from '../domain/policy.ts';
import {
  ExecutionPolicy_OnDrift,
  IncidentPolicy_From,
  LabelRule_Effect,
  PinRule_Effect,
  PlacementPolicy_TransientHold,
  PlanKind as PlanKindValue,
  PolicyMode as PolicyModeValue,
  ScoringPolicy_Combine,
  SpreadLevel,
} from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { createEnumCodec } from './enum-codec.ts';

export const policyModeCodec = createEnumCodec<PolicyMode, PolicyModeValue>('PolicyMode', {
  observe: PolicyModeValue.OBSERVE,
  propose: PolicyModeValue.PROPOSE,
  automatic: PolicyModeValue.AUTOMATIC,
});

export const planKindCodec = createEnumCodec<PlanKind, PlanKindValue>('PlanKind', {
  rebalance: PlanKindValue.REBALANCE,
  restore: PlanKindValue.RESTORE,
  drain: PlanKindValue.DRAIN,
  rollback: PlanKindValue.ROLLBACK,
  manual: PlanKindValue.MANUAL,
});

export const spreadLevelCodec = createEnumCodec<SpreadRule['level'], SpreadLevel>('SpreadLevel', {
  rack: SpreadLevel.RACK,
  zone: SpreadLevel.ZONE,
  region: SpreadLevel.REGION,
});

export const combineCodec = createEnumCodec<ScoringPolicy['combine'], ScoringPolicy_Combine>('Combine', {
  max: ScoringPolicy_Combine.MAX,
  weightedMean: ScoringPolicy_Combine.WEIGHTED_MEAN,
  noisyOr: ScoringPolicy_Combine.NOISY_OR,
});

export const transientHoldCodec = createEnumCodec<
  PlacementPolicy['transientHold'],
  PlacementPolicy_TransientHold
>('TransientHold', {
  move: PlacementPolicy_TransientHold.MOVE,
  plan: PlacementPolicy_TransientHold.PLAN,
});

export const labelEffectCodec = createEnumCodec<LabelRule['effect'], LabelRule_Effect>('LabelRule.Effect', {
  require: LabelRule_Effect.REQUIRE,
  forbid: LabelRule_Effect.FORBID,
});

export const pinEffectCodec = createEnumCodec<PinRule['effect'], PinRule_Effect>('PinRule.Effect', {
  stay: PinRule_Effect.STAY,
  only: PinRule_Effect.ONLY,
  never: PinRule_Effect.NEVER,
});

export const severityOrNeverCodec = createEnumCodec<IncidentSeverityOrNever, IncidentPolicy_From>('From', {
  info: IncidentPolicy_From.INFO,
  warning: IncidentPolicy_From.WARNING,
  critical: IncidentPolicy_From.CRITICAL,
  never: IncidentPolicy_From.NEVER,
});

export const onDriftCodec = createEnumCodec<ExecutionPolicy['onDrift'], ExecutionPolicy_OnDrift>('OnDrift', {
  fail: ExecutionPolicy_OnDrift.FAIL,
  supersede: ExecutionPolicy_OnDrift.SUPERSEDE,
});
