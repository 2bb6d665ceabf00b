import { create } from '@bufbuild/protobuf';
import type { NodeExplanation, NodeLoad, RemainingReplica } from '../domain/explanation.ts';
import {
  type NodeExplanation as NodeExplanationMessage,
  NodeExplanationSchema,
  type NodeLoad as NodeLoadMessage,
  NodeLoadSchema,
  type RemainingReplica as RemainingReplicaMessage,
  RemainingReplicaSchema,
  StayReasonSchema,
} from '../gen/meshkit/rebalancer/v1/explanation_pb.ts';
import { adminStateCodec, nodeStatusCodec } from './enums.ts';
import { optionFromMessage, optionToMessage, stayFromMessage, stayToMessage } from './explanation-codec.ts';
import { moveFromMessage, moveToMessage } from './move-codec.ts';
import { wholeFromMessage, wholeToMessage } from './scalars.ts';

export function nodeExplanationToMessage(node: NodeExplanation): NodeExplanationMessage {
  const { zone, takesReplicas, mustBeVacated, isResting, distress } = node;
  return create(NodeExplanationSchema, {
    node: node.node,
    zone,
    status: nodeStatusCodec.toMessage(node.status),
    adminState: adminStateCodec.toMessage(node.adminState),
    takesReplicas,
    mustBeVacated,
    isResting,
    distress,
    replicasBefore: wholeToMessage(node.replicasBefore),
    replicasAfter: wholeToMessage(node.replicasAfter),
    leadersBefore: wholeToMessage(node.leadersBefore),
    leadersAfter: wholeToMessage(node.leadersAfter),
    loads: node.loads.map(nodeLoadToMessage),
    dimensions: [...node.dimensions],
    leaves: node.leaves.map(moveToMessage),
    leavesCount: wholeToMessage(node.leavesCount),
    arrives: node.arrives.map(moveToMessage),
    arrivesCount: wholeToMessage(node.arrivesCount),
    standing: stayToMessage(node.standing),
    stays: node.stays.map(remainingToMessage),
    staysCount: wholeToMessage(node.staysCount),
  });
}

/** Throws `ProblemError` FIELD_INVALID for an enum value that this program does not know. */
export function nodeExplanationFromMessage(message: NodeExplanationMessage): NodeExplanation {
  const { zone, takesReplicas, mustBeVacated, isResting, distress } = message;
  return {
    node: message.node,
    zone,
    status: nodeStatusCodec.fromMessage(message.status),
    adminState: adminStateCodec.fromMessage(message.adminState),
    takesReplicas,
    mustBeVacated,
    isResting,
    distress,
    replicasBefore: wholeFromMessage(message.replicasBefore),
    replicasAfter: wholeFromMessage(message.replicasAfter),
    leadersBefore: wholeFromMessage(message.leadersBefore),
    leadersAfter: wholeFromMessage(message.leadersAfter),
    loads: message.loads.map(nodeLoadFromMessage),
    dimensions: [...message.dimensions],
    leaves: message.leaves.map(moveFromMessage),
    leavesCount: wholeFromMessage(message.leavesCount),
    arrives: message.arrives.map(moveFromMessage),
    arrivesCount: wholeFromMessage(message.arrivesCount),
    standing: stayFromMessage(message.standing ?? create(StayReasonSchema)),
    stays: message.stays.map(remainingFromMessage),
    staysCount: wholeFromMessage(message.staysCount),
  };
}

/** No target and no limit are infinite in the domain and absent in the message. */
function nodeLoadToMessage(load: NodeLoad): NodeLoadMessage {
  const { dimension, before, after, capacity, fairShare } = load;
  return create(NodeLoadSchema, {
    dimension,
    before,
    after,
    capacity,
    fairShare,
    ...(Number.isFinite(load.target) ? { target: load.target } : {}),
    ...(Number.isFinite(load.limit) ? { limit: load.limit } : {}),
  });
}

function nodeLoadFromMessage(message: NodeLoadMessage): NodeLoad {
  const { dimension, before, after, capacity, fairShare } = message;
  const { target = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY } = message;
  return { dimension, before, after, capacity, fairShare, target, limit };
}

function remainingToMessage(remaining: RemainingReplica): RemainingReplicaMessage {
  return create(RemainingReplicaSchema, {
    shard: remaining.shard,
    replica: remaining.replica,
    leads: remaining.leads,
    load: [...remaining.load],
    stay: stayToMessage(remaining.stay),
    best: remaining.best ? optionToMessage(remaining.best) : undefined,
  });
}

function remainingFromMessage(message: RemainingReplicaMessage): RemainingReplica {
  const { shard, replica, leads, load } = message;
  return {
    shard,
    replica,
    leads,
    load: [...load],
    stay: stayFromMessage(message.stay ?? create(StayReasonSchema)),
    best: message.best ? optionFromMessage(message.best) : null,
  };
}
