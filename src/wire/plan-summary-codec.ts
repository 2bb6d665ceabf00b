import { create } from '@bufbuild/protobuf';
import type { DimensionBalance, DurationRange, PlanProgress, PlanSummary } from '../domain/plan.ts';
import {
  type DimensionBalance as DimensionBalanceMessage,
  DimensionBalanceSchema,
  type DurationRange as DurationRangeMessage,
  DurationRangeSchema,
  type PlanProgress as PlanProgressMessage,
  PlanProgressSchema,
  type PlanSummary as PlanSummaryMessage,
  PlanSummarySchema,
} from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { lowerBoundKindCodec } from './enums.ts';
import { durationFromMessage, durationToMessage, wholeFromMessage, wholeToMessage } from './scalars.ts';

export function planSummaryToMessage(summary: PlanSummary): PlanSummaryMessage {
  return create(PlanSummarySchema, {
    moves: wholeToMessage(summary.moves),
    waves: wholeToMessage(summary.waves),
    bytes: summary.bytes,
    shardsTouched: wholeToMessage(summary.shardsTouched),
    shareOfShards: summary.shareOfShards,
    before: summary.before.map(balanceToMessage),
    after: summary.after.map(balanceToMessage),
    violationsBefore: wholeToMessage(summary.violationsBefore),
    violationsAfter: wholeToMessage(summary.violationsAfter),
    toVacateBefore: wholeToMessage(summary.toVacateBefore),
    toVacateAfter: wholeToMessage(summary.toVacateAfter),
    objectiveBefore: [...summary.objectiveBefore],
    objectiveAfter: [...summary.objectiveAfter],
    lowerBound: summary.lowerBound,
    gap: summary.gap,
    eta: durationRangeToMessage(summary.eta),
    evaluations: wholeToMessage(summary.evaluations),
    deterministic: summary.deterministic,
    movesLowerBound: wholeToMessage(summary.movesLowerBound),
    lowerBoundWithinBudget: summary.lowerBoundWithinBudget,
    lowerBoundBy: lowerBoundKindCodec.toMessage(summary.lowerBoundBy),
  });
}

export function planSummaryFromMessage(message: PlanSummaryMessage): PlanSummary {
  return {
    moves: wholeFromMessage(message.moves),
    waves: wholeFromMessage(message.waves),
    bytes: message.bytes,
    shardsTouched: wholeFromMessage(message.shardsTouched),
    shareOfShards: message.shareOfShards,
    before: message.before.map(balanceFromMessage),
    after: message.after.map(balanceFromMessage),
    violationsBefore: wholeFromMessage(message.violationsBefore),
    violationsAfter: wholeFromMessage(message.violationsAfter),
    toVacateBefore: wholeFromMessage(message.toVacateBefore),
    toVacateAfter: wholeFromMessage(message.toVacateAfter),
    objectiveBefore: [...message.objectiveBefore],
    objectiveAfter: [...message.objectiveAfter],
    lowerBound: message.lowerBound,
    lowerBoundWithinBudget: message.lowerBoundWithinBudget,
    lowerBoundBy: lowerBoundKindCodec.fromMessage(message.lowerBoundBy),
    gap: message.gap,
    movesLowerBound: wholeFromMessage(message.movesLowerBound),
    eta: durationRangeFromMessage(message.eta),
    evaluations: wholeFromMessage(message.evaluations),
    deterministic: message.deterministic,
  };
}

export function planProgressToMessage(progress: PlanProgress): PlanProgressMessage {
  return create(PlanProgressSchema, {
    pending: wholeToMessage(progress.pending),
    running: wholeToMessage(progress.running),
    done: wholeToMessage(progress.done),
    failed: wholeToMessage(progress.failed),
    aborted: wholeToMessage(progress.aborted),
    skipped: wholeToMessage(progress.skipped),
    unknown: wholeToMessage(progress.unknown),
    bytesDone: progress.bytesDone,
    remaining: progress.remaining ? durationRangeToMessage(progress.remaining) : undefined,
  });
}

export function planProgressFromMessage(message: PlanProgressMessage): PlanProgress {
  return {
    pending: wholeFromMessage(message.pending),
    running: wholeFromMessage(message.running),
    done: wholeFromMessage(message.done),
    failed: wholeFromMessage(message.failed),
    aborted: wholeFromMessage(message.aborted),
    skipped: wholeFromMessage(message.skipped),
    unknown: wholeFromMessage(message.unknown),
    bytesDone: message.bytesDone,
    remaining: message.remaining ? durationRangeFromMessage(message.remaining) : null,
  };
}

function durationRangeToMessage(range: DurationRange): DurationRangeMessage {
  return create(DurationRangeSchema, {
    low: durationToMessage(range.lowMs),
    expected: durationToMessage(range.expectedMs),
    high: durationToMessage(range.highMs),
  });
}

function durationRangeFromMessage(message: DurationRangeMessage | undefined): DurationRange {
  return {
    lowMs: durationFromMessage(message?.low),
    expectedMs: durationFromMessage(message?.expected),
    highMs: durationFromMessage(message?.high),
  };
}

export function balanceToMessage(balance: DimensionBalance): DimensionBalanceMessage {
  return create(DimensionBalanceSchema, {
    dimension: balance.dimension,
    peak: balance.peak,
    mean: balance.mean,
    peakToMean: balance.peakToMean,
    peakNode: balance.peakNode,
    overTarget: wholeToMessage(balance.overTarget),
  });
}

export function balanceFromMessage(message: DimensionBalanceMessage): DimensionBalance {
  return {
    dimension: message.dimension,
    peak: message.peak,
    mean: message.mean,
    peakToMean: message.peakToMean,
    peakNode: message.peakNode,
    overTarget: wholeFromMessage(message.overTarget),
  };
}
