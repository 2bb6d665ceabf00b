import { create } from '@bufbuild/protobuf';
import { ProblemError } from '../domain/problem.ts';
import type { FleetStanding, WhatIfAnswer } from '../domain/what-if-answer.ts';
import type { NodeChoice, WhatIfChange } from '../domain/what-if-change.ts';
import { ApprovalRequirementSchema, PlanSummarySchema } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import {
  type FleetStanding as FleetStandingMessage,
  FleetStandingSchema,
  type WhatIfResponse,
  WhatIfResponseSchema,
} from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import {
  type FleetChange,
  FleetChangeSchema,
  type NodeChoice as NodeChoiceMessage,
} from '../gen/meshkit/rebalancer/v1/what_if_pb.ts';
import { moveFromMessage, moveToMessage } from './move-codec.ts';
import {
  obstacleFromMessage,
  obstacleToMessage,
  requirementFromMessage,
  requirementToMessage,
} from './plan-codec.ts';
import {
  balanceFromMessage,
  balanceToMessage,
  planSummaryFromMessage,
  planSummaryToMessage,
} from './plan-summary-codec.ts';
import { planKindCodec } from './policy-enums.ts';
import { wholeFromMessage, wholeToMessage } from './scalars.ts';
import { verdictFromMessage, verdictToMessage } from './verdict-codec.ts';

export function fleetChangeToMessage(change: WhatIfChange): FleetChange {
  switch (change.kind) {
    case 'addNodes': {
      const { kind: _, ...value } = change;
      return create(FleetChangeSchema, { change: { case: 'addNodes', value } });
    }
    case 'removeNodes':
    case 'drainNodes':
      return create(FleetChangeSchema, { change: { case: change.kind, value: { ...change.nodes } } });
    case 'growNodes': {
      const { nodes, factor, dimension } = change;
      const value = { nodes: { ...nodes }, factor, dimension };
      return create(FleetChangeSchema, { change: { case: 'growNodes', value } });
    }
    case 'scaleLoads': {
      const { shards, factor, dimension } = change;
      const value = { ...shards, factor, dimension };
      return create(FleetChangeSchema, { change: { case: 'scaleLoads', value } });
    }
  }
}

/** Throws `ProblemError` FIELD_REQUIRED for a change that says nothing, or what this program does not know. */
export function fleetChangeFromMessage({ change }: FleetChange): WhatIfChange {
  switch (change.case) {
    case 'addNodes': {
      const { count, like, region, zone, rack } = change.value;
      return { kind: 'addNodes', count, like, region, zone, rack };
    }
    case 'removeNodes':
    case 'drainNodes':
      return { kind: change.case, nodes: choiceFromMessage(change.value) };
    case 'growNodes': {
      const { nodes, factor, dimension } = change.value;
      return { kind: 'growNodes', nodes: choiceFromMessage(nodes), factor, dimension };
    }
    case 'scaleLoads': {
      const { shard, prefix, group, factor, dimension } = change.value;
      return { kind: 'scaleLoads', shards: { shard, prefix, group }, factor, dimension };
    }
    default:
      throw new ProblemError({
        code: 'FIELD_REQUIRED',
        message: 'a change does not say what is different',
        field: 'changes',
        limit: 'addNodes, removeNodes, drainNodes, growNodes or scaleLoads',
      });
  }
}

function choiceFromMessage(message: NodeChoiceMessage | undefined): NodeChoice {
  return { node: message?.node ?? '', zone: message?.zone ?? '' };
}

/** @param moveLimit moves to answer with; the summary counts all */
export function whatIfToMessage(answer: WhatIfAnswer, moveLimit: number): WhatIfResponse {
  return create(WhatIfResponseSchema, {
    cluster: answer.cluster,
    namespace: answer.namespace,
    changes: [...answer.changes],
    policyChanged: answer.policyChanged,
    kind: planKindCodec.toMessage(answer.kind),
    policyRevision: wholeToMessage(answer.policyRevision),
    snapshotDigest: answer.snapshotDigest,
    supposedSnapshotDigest: answer.supposedSnapshotDigest,
    seed: wholeToMessage(answer.seed),
    today: standingToMessage(answer.today),
    supposed: standingToMessage(answer.supposed),
    summary: planSummaryToMessage(answer.summary),
    verdicts: answer.verdicts.map(verdictToMessage),
    approval: requirementToMessage(answer.approval),
    moves: answer.moves.slice(0, moveLimit).map(moveToMessage),
    obstacles: answer.obstacles.map(obstacleToMessage),
  });
}

/** Throws `ProblemError` FIELD_INVALID for an enum value or code that this program does not know. */
export function whatIfFromMessage(message: WhatIfResponse): WhatIfAnswer {
  return {
    cluster: message.cluster,
    namespace: message.namespace,
    changes: [...message.changes],
    policyChanged: message.policyChanged,
    kind: planKindCodec.fromMessage(message.kind),
    policyRevision: wholeFromMessage(message.policyRevision),
    snapshotDigest: message.snapshotDigest,
    supposedSnapshotDigest: message.supposedSnapshotDigest,
    seed: wholeFromMessage(message.seed),
    today: standingFromMessage(message.today ?? create(FleetStandingSchema)),
    supposed: standingFromMessage(message.supposed ?? create(FleetStandingSchema)),
    summary: planSummaryFromMessage(message.summary ?? create(PlanSummarySchema)),
    verdicts: message.verdicts.map(verdictFromMessage),
    approval: requirementFromMessage(message.approval ?? create(ApprovalRequirementSchema)),
    moves: message.moves.map(moveFromMessage),
    obstacles: message.obstacles.map(obstacleFromMessage),
  };
}

function standingToMessage(standing: FleetStanding): FleetStandingMessage {
  return create(FleetStandingSchema, {
    nodes: wholeToMessage(standing.nodes),
    takingNodes: wholeToMessage(standing.takingNodes),
    nodesToVacate: wholeToMessage(standing.nodesToVacate),
    replicasToVacate: wholeToMessage(standing.replicasToVacate),
    balances: standing.balances.map(balanceToMessage),
  });
}

function standingFromMessage(message: FleetStandingMessage): FleetStanding {
  return {
    nodes: wholeFromMessage(message.nodes),
    takingNodes: wholeFromMessage(message.takingNodes),
    nodesToVacate: wholeFromMessage(message.nodesToVacate),
    replicasToVacate: wholeFromMessage(message.replicasToVacate),
    balances: message.balances.map(balanceFromMessage),
  };
}
