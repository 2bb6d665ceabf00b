import { create } from '@bufbuild/protobuf';
import type { MoveDrift, PlanView } from '../controller/rebalancer.ts';
import type { Approval, ApprovalRequirement } from '../domain/approval.ts';
import type { Obstacle, Plan, PlanBudgetBounds } from '../domain/plan.ts';
import {
  type Approval as ApprovalMessage,
  type ApprovalRequirement as ApprovalRequirementMessage,
  ApprovalRequirementSchema,
  ApprovalSchema,
  MoveDrift_What,
  type MoveDrift as MoveDriftMessage,
  MoveDriftSchema,
  type Obstacle as ObstacleMessage,
  ObstacleSchema,
  type PlanBounds,
  type PlanFile,
  PlanFileSchema,
  type Plan as PlanMessage,
  PlanProgressSchema,
  PlanSchema,
  PlanSummarySchema,
} from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { createEnumCodec } from './enum-codec.ts';
import { obstacleCodeCodec, planStatusCodec } from './enums.ts';
import {
  moveFromMessage,
  moveProgressFromMessage,
  moveProgressToMessage,
  moveToMessage,
} from './move-codec.ts';
import {
  planProgressFromMessage,
  planProgressToMessage,
  planSummaryFromMessage,
  planSummaryToMessage,
} from './plan-summary-codec.ts';
import { planKindCodec } from './policy-enums.ts';
import {
  optionalTimeToMessage,
  timeFromMessage,
  timeToMessage,
  wholeFromMessage,
  wholeToMessage,
} from './scalars.ts';
import {
  overrideFromMessage,
  overrideToMessage,
  verdictFromMessage,
  verdictToMessage,
} from './verdict-codec.ts';

export function planToMessage(plan: Plan): PlanMessage {
  return create(PlanSchema, {
    id: plan.id,
    cluster: plan.cluster,
    namespace: plan.namespace,
    kind: planKindCodec.toMessage(plan.kind),
    status: planStatusCodec.toMessage(plan.status),
    revision: wholeToMessage(plan.revision),
    digest: plan.digest,
    policyRevision: wholeToMessage(plan.policyRevision),
    snapshotDigest: plan.snapshotDigest,
    afterSnapshotDigest: plan.afterSnapshotDigest,
    seed: wholeToMessage(plan.seed),
    createdAt: timeToMessage(plan.createdAt),
    createdBy: plan.createdBy,
    reason: plan.reason,
    changeTicket: plan.changeTicket,
    trigger: plan.trigger,
    summary: planSummaryToMessage(plan.summary),
    verdicts: plan.verdicts.map(verdictToMessage),
    overrides: plan.overrides.map(overrideToMessage),
    approval: requirementToMessage(plan.approval),
    approvals: plan.approvals.map(approvalToMessage),
    expiresAt: optionalTimeToMessage(plan.expiresAt),
    rollbackOf: plan.rollbackOf,
    rolledBackBy: plan.rolledBackBy,
    supersededBy: plan.supersededBy,
    warmStartedFrom: plan.warmStartedFrom ?? '',
    startedAt: optionalTimeToMessage(plan.startedAt),
    endedAt: optionalTimeToMessage(plan.endedAt),
    progress: planProgressToMessage(plan.progress),
    outcome: plan.outcome ? { ...plan.outcome } : undefined,
    budget: plan.budget
      ? {
          maxMoves: wholeToMessage(plan.budget.maxMoves),
          maxBytes: plan.budget.maxBytes,
          maxShareOfShards: plan.budget.maxShareOfShards,
        }
      : undefined,
  });
}

/** Throws `ProblemError` FIELD_INVALID for an enum value or code that this program does not know. */
export function planFromMessage(message: PlanMessage): Plan {
  return {
    id: message.id,
    cluster: message.cluster,
    namespace: message.namespace,
    kind: planKindCodec.fromMessage(message.kind),
    status: planStatusCodec.fromMessage(message.status),
    revision: wholeFromMessage(message.revision),
    digest: message.digest,
    policyRevision: wholeFromMessage(message.policyRevision),
    snapshotDigest: message.snapshotDigest,
    afterSnapshotDigest: message.afterSnapshotDigest,
    seed: wholeFromMessage(message.seed),
    createdAt: timeFromMessage(message.createdAt),
    createdBy: message.createdBy,
    reason: message.reason,
    changeTicket: message.changeTicket,
    trigger: message.trigger,
    summary: planSummaryFromMessage(message.summary ?? create(PlanSummarySchema)),
    verdicts: message.verdicts.map(verdictFromMessage),
    overrides: message.overrides.map(overrideFromMessage),
    approval: requirementFromMessage(message.approval ?? create(ApprovalRequirementSchema)),
    approvals: message.approvals.map(approvalFromMessage),
    expiresAt: timeFromMessage(message.expiresAt),
    rollbackOf: message.rollbackOf,
    rolledBackBy: message.rolledBackBy,
    supersededBy: message.supersededBy,
    warmStartedFrom: message.warmStartedFrom,
    startedAt: timeFromMessage(message.startedAt),
    endedAt: timeFromMessage(message.endedAt),
    progress: planProgressFromMessage(message.progress ?? create(PlanProgressSchema)),
    outcome: message.outcome
      ? { code: message.outcome.code, message: message.outcome.message, remedy: message.outcome.remedy }
      : null,
    ...(message.budget ? { budget: boundsFromMessage(message.budget) } : {}),
  };
}

function boundsFromMessage(message: PlanBounds): PlanBudgetBounds {
  const { maxMoves, maxBytes, maxShareOfShards } = message;
  return { maxMoves: wholeFromMessage(maxMoves), maxBytes, maxShareOfShards };
}

/** The plan with all its moves, as plan files have it. */
export function planViewToMessage(view: PlanView): PlanFile {
  return create(PlanFileSchema, {
    plan: planToMessage(view.plan),
    moves: view.moves.map(moveToMessage),
    obstacles: view.obstacles.map(obstacleToMessage),
    progress: view.progress.map(moveProgressToMessage),
  });
}

/** Throws as `planFromMessage`. */
export function planViewFromMessage(message: PlanFile): PlanView {
  return {
    plan: planFromMessage(message.plan ?? create(PlanSchema)),
    moves: message.moves.map(moveFromMessage),
    obstacles: message.obstacles.map(obstacleFromMessage),
    progress: message.progress.map(moveProgressFromMessage),
  };
}

export function obstacleToMessage(obstacle: Obstacle): ObstacleMessage {
  return create(ObstacleSchema, {
    code: obstacleCodeCodec.toMessage(obstacle.code),
    subject: obstacle.subject,
    message: obstacle.message,
    observed: obstacle.observed,
    limit: obstacle.limit,
  });
}

/** Throws as `planFromMessage`. */
export function obstacleFromMessage(message: ObstacleMessage): Obstacle {
  return {
    code: obstacleCodeCodec.fromMessage(message.code),
    subject: message.subject,
    message: message.message,
    observed: message.observed,
    limit: message.limit,
  };
}

const driftCodec = createEnumCodec<MoveDrift['what'], MoveDrift_What>('MoveDrift.What', {
  version: MoveDrift_What.VERSION,
  owner: MoveDrift_What.OWNER,
  missing: MoveDrift_What.MISSING,
  destination: MoveDrift_What.DESTINATION,
});

export function moveDriftToMessage(drift: MoveDrift): MoveDriftMessage {
  return create(MoveDriftSchema, {
    moveId: drift.moveId,
    shard: drift.shard,
    what: driftCodec.toMessage(drift.what),
    expected: drift.expected,
    actual: drift.actual,
  });
}

/** Throws as `planFromMessage`. */
export function moveDriftFromMessage(message: MoveDriftMessage): MoveDrift {
  return {
    moveId: message.moveId,
    shard: message.shard,
    what: driftCodec.fromMessage(message.what),
    expected: message.expected,
    actual: message.actual,
  };
}

export function requirementToMessage(requirement: ApprovalRequirement): ApprovalRequirementMessage {
  return create(ApprovalRequirementSchema, {
    required: requirement.required,
    excludeAuthor: requirement.excludeAuthor,
    groups: [...requirement.groups],
    tier: requirement.tier,
    automatic: requirement.automatic,
  });
}

export function requirementFromMessage(message: ApprovalRequirementMessage): ApprovalRequirement {
  return {
    required: message.required,
    excludeAuthor: message.excludeAuthor,
    groups: [...message.groups],
    tier: message.tier,
    automatic: message.automatic,
  };
}

function approvalToMessage(approval: Approval): ApprovalMessage {
  return create(ApprovalSchema, {
    principal: approval.principal,
    groups: [...approval.groups],
    digest: approval.digest,
    at: timeToMessage(approval.at),
    reason: approval.reason,
    changeTicket: approval.changeTicket,
  });
}

function approvalFromMessage(message: ApprovalMessage): Approval {
  return {
    principal: message.principal,
    groups: [...message.groups],
    digest: message.digest,
    at: timeFromMessage(message.at),
    reason: message.reason,
    changeTicket: message.changeTicket,
  };
}
