import { create } from '@bufbuild/protobuf';
import type {
  DestinationSurvey,
  PlacementOption,
  Refusal,
  ReplicaExplanation,
  ShardExplanation,
  StayReason,
} from '../domain/explanation.ts';
import {
  type DestinationSurvey as DestinationSurveyMessage,
  DestinationSurveySchema,
  type PlacementOption as PlacementOptionMessage,
  PlacementOptionSchema,
  type Refusal as RefusalMessage,
  RefusalSchema,
  type ReplicaExplanation as ReplicaExplanationMessage,
  ReplicaExplanationSchema,
  type ShardExplanation as ShardExplanationMessage,
  ShardExplanationSchema,
  type StayReason as StayReasonMessage,
  StayReasonSchema,
} from '../gen/meshkit/rebalancer/v1/explanation_pb.ts';
import { obstacleCodeCodec, shardStatusCodec } from './enums.ts';
import { moveFromMessage, moveToMessage } from './move-codec.ts';
import { wholeFromMessage, wholeToMessage } from './scalars.ts';

export function shardExplanationToMessage(shard: ShardExplanation): ShardExplanationMessage {
  return create(ShardExplanationSchema, {
    shard: shard.shard,
    group: shard.group,
    status: shardStatusCodec.toMessage(shard.status),
    dimensions: [...shard.dimensions],
    replicas: shard.replicas.map(replicaToMessage),
    leadership: shard.leadership.map(optionToMessage),
  });
}

/** Throws `ProblemError` FIELD_INVALID for an enum value that this program does not know; so do the others here. */
export function shardExplanationFromMessage(message: ShardExplanationMessage): ShardExplanation {
  return {
    shard: message.shard,
    group: message.group,
    status: shardStatusCodec.fromMessage(message.status),
    dimensions: [...message.dimensions],
    replicas: message.replicas.map(replicaFromMessage),
    leadership: message.leadership.map(optionFromMessage),
  };
}

function replicaToMessage(replica: ReplicaExplanation): ReplicaExplanationMessage {
  const { leadsBefore, leadsAfter, load, bytes } = replica;
  return create(ReplicaExplanationSchema, {
    replica: replica.replica,
    before: replica.before,
    after: replica.after,
    leadsBefore,
    leadsAfter,
    load: [...load],
    bytes,
    moves: replica.moves.map(moveToMessage),
    stay: replica.stay ? stayToMessage(replica.stay) : undefined,
    survey: surveyToMessage(replica.survey),
  });
}

function replicaFromMessage(message: ReplicaExplanationMessage): ReplicaExplanation {
  const { replica, before, after, leadsBefore, leadsAfter, load, bytes } = message;
  return {
    replica,
    before,
    after,
    leadsBefore,
    leadsAfter,
    load: [...load],
    bytes,
    moves: message.moves.map(moveFromMessage),
    stay: message.stay ? stayFromMessage(message.stay) : null,
    survey: surveyFromMessage(message.survey ?? create(DestinationSurveySchema)),
  };
}

function surveyToMessage(survey: DestinationSurvey): DestinationSurveyMessage {
  return create(DestinationSurveySchema, {
    asked: wholeToMessage(survey.asked),
    allowed: wholeToMessage(survey.allowed),
    better: wholeToMessage(survey.better),
    refusals: survey.refusals.map(({ rule, code, nodes }) => ({
      rule,
      code: obstacleCodeCodec.toMessage(code),
      nodes: wholeToMessage(nodes),
    })),
    options: survey.options.map(optionToMessage),
  });
}

function surveyFromMessage(message: DestinationSurveyMessage): DestinationSurvey {
  return {
    asked: wholeFromMessage(message.asked),
    allowed: wholeFromMessage(message.allowed),
    better: wholeFromMessage(message.better),
    refusals: message.refusals.map(({ rule, code, nodes }) => ({
      rule,
      code: obstacleCodeCodec.fromMessage(code),
      nodes: wholeFromMessage(nodes),
    })),
    options: message.options.map(optionFromMessage),
  };
}

export function optionToMessage(option: PlacementOption): PlacementOptionMessage {
  const { replica, node, isHome, gain, price } = option;
  const refusals = option.refusals.map(refusalToMessage);
  return create(PlacementOptionSchema, { replica, node, isHome, gain, price, refusals });
}

export function optionFromMessage(message: PlacementOptionMessage): PlacementOption {
  const { replica, node, isHome, gain, price } = message;
  return { replica, node, isHome, gain, price, refusals: message.refusals.map(refusalFromMessage) };
}

function refusalToMessage(refusal: Refusal): RefusalMessage {
  return create(RefusalSchema, { ...refusal, code: obstacleCodeCodec.toMessage(refusal.code) });
}

function refusalFromMessage(refusal: RefusalMessage): Refusal {
  const { rule, subject, dimension, observed, limit, message } = refusal;
  const code = obstacleCodeCodec.fromMessage(refusal.code);
  return { rule, code, subject, dimension, observed, limit, message };
}

export function stayToMessage(stay: StayReason): StayReasonMessage {
  return create(StayReasonSchema, { ...stay, code: obstacleCodeCodec.toMessage(stay.code) });
}

export function stayFromMessage(stay: StayReasonMessage): StayReason {
  const { subject, dimension, observed, limit, message } = stay;
  return { code: obstacleCodeCodec.fromMessage(stay.code), subject, dimension, observed, limit, message };
}
