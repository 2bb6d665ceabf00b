import { create } from '@bufbuild/protobuf';
import type {
  ApprovalTier,
  ChangeWindow,
  DependencyRule,
  DimensionPolicy,
  ExtensionPolicy,
  Freeze,
  LabelRule,
  PinRule,
  ScoringAdapterPolicy,
  ShardPriceRule,
  ShardSelector,
  SmoothingPolicy,
  SpreadRule,
} from '../domain/policy.ts';
import { ProblemError } from '../domain/problem.ts';
import {
  type ApprovalTier as ApprovalTierMessage,
  ApprovalTierSchema,
  type ChangeWindow as ChangeWindowMessage,
  ChangeWindowSchema,
  type DependencyRule as DependencyRuleMessage,
  DependencyRuleSchema,
  type DimensionPolicy as DimensionPolicyMessage,
  DimensionPolicySchema,
  type ExtensionPolicy as ExtensionPolicyMessage,
  ExtensionPolicySchema,
  type Freeze as FreezeMessage,
  FreezeSchema,
  type LabelRule as LabelRuleMessage,
  LabelRuleSchema,
  type PinRule as PinRuleMessage,
  PinRuleSchema,
  type ScoringAdapterPolicy as ScoringAdapterPolicyMessage,
  ScoringAdapterPolicySchema,
  type ShardPriceRule as ShardPriceRuleMessage,
  ShardPriceRuleSchema,
  type ShardSelector as ShardSelectorMessage,
  ShardSelectorSchema,
  type SmoothingPolicy as SmoothingPolicyMessage,
  SmoothingPolicySchema,
  type SpreadRule as SpreadRuleMessage,
  SpreadRuleSchema,
} from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { labelEffectCodec, pinEffectCodec, spreadLevelCodec } from './policy-enums.ts';
import {
  compact,
  durationFromMessage,
  durationToMessage,
  optionalWholeFromMessage,
  optionalWholeToMessage,
  timeFromMessage,
  timeToMessage,
} from './scalars.ts';

// The items of a policy's lists. Unlike its sections they are complete: the contract requires what has no harmless
// default, so a zero here stands for a field that validation has let be absent.

export function dimensionPolicyToMessage(policy: DimensionPolicy): DimensionPolicyMessage {
  return create(DimensionPolicySchema, {
    name: policy.name,
    weight: policy.weight,
    targetUtilization: policy.targetUtilization,
    hardLimit: policy.hardLimit,
    transient: policy.transient,
    smoothing: smoothingToMessage(policy.smoothing),
  });
}

export function dimensionPolicyFromMessage(message: DimensionPolicyMessage): DimensionPolicy {
  return {
    name: message.name,
    weight: message.weight ?? 0,
    targetUtilization: message.targetUtilization ?? 0,
    hardLimit: message.hardLimit ?? 0,
    transient: message.transient,
    smoothing: smoothingFromMessage(message.smoothing),
  };
}

export function adapterPolicyToMessage(policy: ScoringAdapterPolicy): ScoringAdapterPolicyMessage {
  return create(ScoringAdapterPolicySchema, {
    name: policy.name,
    weight: policy.weight,
    floor: policy.floor,
    parameters: { ...policy.parameters },
  });
}

export function adapterPolicyFromMessage(message: ScoringAdapterPolicyMessage): ScoringAdapterPolicy {
  return {
    name: message.name,
    weight: message.weight ?? 0,
    floor: message.floor,
    parameters: { ...message.parameters },
  };
}

export function spreadRuleToMessage(rule: SpreadRule): SpreadRuleMessage {
  return create(SpreadRuleSchema, {
    select: selectorToMessage(rule.select),
    level: spreadLevelCodec.toMessage(rule.level),
    minDomains: rule.minDomains,
    maxPerDomain: rule.maxPerDomain,
  });
}

export function spreadRuleFromMessage(message: SpreadRuleMessage): SpreadRule {
  return {
    select: selectorFromMessage(message.select),
    level: spreadLevelCodec.fromMessage(message.level),
    minDomains: message.minDomains,
    maxPerDomain: message.maxPerDomain,
  };
}

export function labelRuleToMessage(rule: LabelRule): LabelRuleMessage {
  return create(LabelRuleSchema, {
    select: selectorToMessage(rule.select),
    effect: labelEffectCodec.toMessage(rule.effect),
    label: rule.label,
    values: [...rule.values],
  });
}

export function labelRuleFromMessage(message: LabelRuleMessage): LabelRule {
  return {
    select: selectorFromMessage(message.select),
    effect: labelEffectCodec.fromMessage(message.effect),
    label: message.label,
    values: [...message.values],
  };
}

export function pinRuleToMessage(rule: PinRule): PinRuleMessage {
  return create(PinRuleSchema, {
    select: selectorToMessage(rule.select),
    effect: pinEffectCodec.toMessage(rule.effect),
    nodes: [...rule.nodes],
  });
}

export function pinRuleFromMessage(message: PinRuleMessage): PinRule {
  return {
    select: selectorFromMessage(message.select),
    effect: pinEffectCodec.fromMessage(message.effect),
    nodes: [...message.nodes],
  };
}

export function dependencyRuleToMessage(rule: DependencyRule): DependencyRuleMessage {
  return create(DependencyRuleSchema, {
    group: rule.group,
    dependsOn: rule.dependsOn,
    level: spreadLevelCodec.toMessage(rule.level),
  });
}

export function dependencyRuleFromMessage(message: DependencyRuleMessage): DependencyRule {
  return {
    group: message.group,
    dependsOn: message.dependsOn,
    level: spreadLevelCodec.fromMessage(message.level),
  };
}

export function extensionPolicyToMessage(policy: ExtensionPolicy): ExtensionPolicyMessage {
  return create(ExtensionPolicySchema, { name: policy.name, parameters: { ...policy.parameters } });
}

/** Throws `ProblemError` FIELD_INVALID for a parameter that is neither a number nor a text. */
export function extensionPolicyFromMessage(message: ExtensionPolicyMessage): ExtensionPolicy {
  const parameters: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(message.parameters ?? {})) {
    if (typeof value !== 'number' && typeof value !== 'string') {
      throw new ProblemError({
        code: 'FIELD_INVALID',
        message: `the parameter ${name} of the extension ${message.name} is neither a number nor a text`,
        field: 'placement.extensions',
        value: name,
        limit: 'a number or a text',
        remedy: 'Write a number, or a text in quotes.',
      });
    }
    parameters[name] = value;
  }
  return { name: message.name, parameters };
}

export function shardPriceToMessage(rule: ShardPriceRule): ShardPriceRuleMessage {
  return create(ShardPriceRuleSchema, { select: selectorToMessage(rule.select), price: rule.price });
}

export function shardPriceFromMessage(message: ShardPriceRuleMessage): ShardPriceRule {
  return { select: selectorFromMessage(message.select), price: message.price ?? 0 };
}

export function approvalTierToMessage(tier: ApprovalTier): ApprovalTierMessage {
  return create(ApprovalTierSchema, {
    name: tier.name,
    aboveMoves: optionalWholeToMessage(tier.aboveMoves),
    aboveBytes: tier.aboveBytes,
    aboveShareOfShards: tier.aboveShareOfShards,
    required: tier.required,
    groups: [...tier.groups],
  });
}

export function approvalTierFromMessage(message: ApprovalTierMessage): ApprovalTier {
  return compact({
    name: message.name,
    aboveMoves: optionalWholeFromMessage(message.aboveMoves),
    aboveBytes: message.aboveBytes,
    aboveShareOfShards: message.aboveShareOfShards,
    required: message.required,
    groups: [...message.groups],
  });
}

export function changeWindowToMessage(window: ChangeWindow): ChangeWindowMessage {
  return create(ChangeWindowSchema, {
    days: [...window.days],
    start: window.start,
    end: window.end,
    timeZone: window.timeZone,
  });
}

export function changeWindowFromMessage(message: ChangeWindowMessage): ChangeWindow {
  return { days: [...message.days], start: message.start, end: message.end, timeZone: message.timeZone };
}

export function freezeToMessage(freeze: Freeze): FreezeMessage {
  return create(FreezeSchema, {
    from: timeToMessage(freeze.from),
    until: timeToMessage(freeze.until),
    reason: freeze.reason,
  });
}

export function freezeFromMessage(message: FreezeMessage): Freeze {
  return {
    from: timeFromMessage(message.from),
    until: timeFromMessage(message.until),
    reason: message.reason,
  };
}

function smoothingToMessage(policy: SmoothingPolicy): SmoothingPolicyMessage {
  switch (policy.kind) {
    case 'ewma':
      return create(SmoothingPolicySchema, {
        kind: { case: 'ewma', value: { halfLife: durationToMessage(policy.halfLifeMs) } },
      });
    case 'percentile':
      return create(SmoothingPolicySchema, {
        kind: {
          case: 'percentile',
          value: { percentile: policy.percentile, window: durationToMessage(policy.windowMs) },
        },
      });
    case 'none':
      return create(SmoothingPolicySchema);
  }
}

function smoothingFromMessage(message: SmoothingPolicyMessage | undefined): SmoothingPolicy {
  switch (message?.kind.case) {
    case 'ewma':
      return { kind: 'ewma', halfLifeMs: durationFromMessage(message.kind.value.halfLife) };
    case 'percentile':
      return {
        kind: 'percentile',
        percentile: message.kind.value.percentile ?? 0,
        windowMs: durationFromMessage(message.kind.value.window),
      };
    default:
      return { kind: 'none' };
  }
}

function selectorToMessage(selector: ShardSelector): ShardSelectorMessage {
  return create(ShardSelectorSchema, {
    group: selector.group,
    prefix: selector.prefix,
    shards: selector.shards ? [...selector.shards] : [],
  });
}

function selectorFromMessage(message: ShardSelectorMessage | undefined): ShardSelector {
  return compact({
    group: message?.group,
    prefix: message?.prefix,
    shards: message && message.shards.length > 0 ? [...message.shards] : undefined,
  });
}
