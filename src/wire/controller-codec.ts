import { create } from '@bufbuild/protobuf';
import type { ControllerView, ScoreBreakdown } from '../controller/rebalancer.ts';
import {
  type Controller,
  ControllerSchema,
  type NodeScore as NodeScoreMessage,
  NodeScoreSchema,
} from '../gen/meshkit/rebalancer/v1/controller_pb.ts';
import {
  type GetScoresResponse,
  GetScoresResponseSchema,
} from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { controllerStateCodec } from './enums.ts';
import { policyModeCodec } from './policy-enums.ts';
import {
  optionalTimeToMessage,
  timeFromMessage,
  timeToMessage,
  wholeFromMessage,
  wholeToMessage,
} from './scalars.ts';
import { verdictFromMessage, verdictToMessage } from './verdict-codec.ts';

export function controllerToMessage(view: ControllerView): Controller {
  const { record } = view;
  return create(ControllerSchema, {
    cluster: record.cluster,
    namespace: record.namespace,
    state: controllerStateCodec.toMessage(record.state),
    since: timeToMessage(record.since),
    triggers: [...record.triggers],
    triggeredSince: optionalTimeToMessage(record.triggeredSince),
    planId: record.planId,
    notBefore: optionalTimeToMessage(record.notBefore),
    fruitless: record.fruitless,
    diagnosis: { code: record.diagnosis.code, message: record.diagnosis.message },
    lastEvaluatedAt: optionalTimeToMessage(record.lastEvaluatedAt),
    lastScheduledAt: optionalTimeToMessage(record.lastScheduledAt),
    revision: wholeToMessage(record.revision),
    mode: policyModeCodec.toMessage(view.mode),
    snapshotDigest: view.snapshotDigest,
    snapshotAt: optionalTimeToMessage(view.snapshotAt),
    peakToMean: view.peakToMean,
    verdicts: view.verdicts.map(verdictToMessage),
  });
}

/** Throws `ProblemError` FIELD_INVALID for an enum value or code that this program does not know. */
export function controllerFromMessage(message: Controller): ControllerView {
  return {
    record: {
      cluster: message.cluster,
      namespace: message.namespace,
      state: controllerStateCodec.fromMessage(message.state),
      since: timeFromMessage(message.since),
      triggers: [...message.triggers],
      triggeredSince: timeFromMessage(message.triggeredSince),
      planId: message.planId,
      notBefore: timeFromMessage(message.notBefore),
      fruitless: message.fruitless,
      diagnosis: { code: message.diagnosis?.code ?? '', message: message.diagnosis?.message ?? '' },
      lastEvaluatedAt: timeFromMessage(message.lastEvaluatedAt),
      lastScheduledAt: timeFromMessage(message.lastScheduledAt),
      revision: wholeFromMessage(message.revision),
    },
    mode: policyModeCodec.fromMessage(message.mode),
    snapshotDigest: message.snapshotDigest,
    snapshotAt: timeFromMessage(message.snapshotAt),
    peakToMean: message.peakToMean,
    verdicts: message.verdicts.map(verdictFromMessage),
  };
}

export function scoresToMessage(scores: ScoreBreakdown): GetScoresResponse {
  return create(GetScoresResponseSchema, {
    snapshotDigest: scores.snapshotDigest,
    nodes: scores.nodes.map((each) =>
      create(NodeScoreSchema, {
        node: each.node,
        distress: each.distress,
        adapters: each.adapters.map((adapter) => ({
          adapter: adapter.adapter,
          weight: adapter.weight,
          distress: adapter.distress ?? undefined,
          evidence: adapter.evidence ?? undefined,
          evidenceUnit: adapter.evidenceUnit,
        })),
      }),
    ),
  });
}

export function scoresFromMessage(message: GetScoresResponse): ScoreBreakdown {
  return { snapshotDigest: message.snapshotDigest, nodes: message.nodes.map(nodeScoreFromMessage) };
}

function nodeScoreFromMessage(message: NodeScoreMessage): ScoreBreakdown['nodes'][number] {
  return {
    node: message.node,
    distress: message.distress,
    adapters: message.adapters.map((each) => ({
      adapter: each.adapter,
      weight: each.weight,
      distress: each.distress ?? null,
      evidence: each.evidence ?? null,
      evidenceUnit: each.evidenceUnit,
    })),
  };
}
