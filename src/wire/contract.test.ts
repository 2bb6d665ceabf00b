import { describe, expect, test } from 'bun:test';
import { create, type DescEnum, type DescFile, type DescMessage } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import {
  AlertIgnoredSchema,
  AlertResultSchema,
  file_meshkit_rebalancer_v1_alert,
} from '../gen/meshkit/rebalancer/v1/alert_pb.ts';
import { file_meshkit_rebalancer_v1_audit } from '../gen/meshkit/rebalancer/v1/audit_pb.ts';
import { file_meshkit_rebalancer_v1_audit_service } from '../gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import {
  ControllerStateSchema,
  file_meshkit_rebalancer_v1_controller,
} from '../gen/meshkit/rebalancer/v1/controller_pb.ts';
import { file_meshkit_rebalancer_v1_controller_service } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { EventTypeSchema, file_meshkit_rebalancer_v1_event } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import {
  file_meshkit_rebalancer_v1_incident,
  IncidentSeveritySchema,
} from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { file_meshkit_rebalancer_v1_incident_service } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';
import {
  file_meshkit_rebalancer_v1_move,
  MoveKindSchema,
  MoveReasonCodeSchema,
  MoveStateSchema,
  MoveStepSchema,
} from '../gen/meshkit/rebalancer/v1/move_pb.ts';
import {
  AdminStateSchema,
  file_meshkit_rebalancer_v1_node,
  NodeStatusSchema,
} from '../gen/meshkit/rebalancer/v1/node_pb.ts';
import { file_meshkit_rebalancer_v1_node_service } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import {
  file_meshkit_rebalancer_v1_plan,
  LowerBoundKindSchema,
  ObstacleCodeSchema,
  type PlanStatus,
  PlanStatusSchema,
} from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { file_meshkit_rebalancer_v1_plan_service } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import {
  ExecutionPolicy_OnDriftSchema,
  file_meshkit_rebalancer_v1_policy,
  IncidentPolicy_FromSchema,
  LabelRule_EffectSchema,
  PinRule_EffectSchema,
  PlacementPolicy_TransientHoldSchema,
  PlanKindSchema,
  PolicyModeSchema,
  ScoringPolicy_CombineSchema,
  SpreadLevelSchema,
} from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { file_meshkit_rebalancer_v1_policy_service } from '../gen/meshkit/rebalancer/v1/policy_service_pb.ts';
import { file_meshkit_rebalancer_v1_problem } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import {
  file_meshkit_rebalancer_v1_snapshot,
  ShardStatusSchema,
} from '../gen/meshkit/rebalancer/v1/snapshot_pb.ts';
import { file_meshkit_rebalancer_v1_snapshot_service } from '../gen/meshkit/rebalancer/v1/snapshot_service_pb.ts';
import { file_meshkit_rebalancer_v1_status_service } from '../gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { file_meshkit_rebalancer_v1_telemetry_service } from '../gen/meshkit/rebalancer/v1/telemetry_service_pb.ts';
import {
  file_meshkit_rebalancer_v1_verdict,
  VerdictDecisionSchema,
} from '../gen/meshkit/rebalancer/v1/verdict_pb.ts';
import {
  file_meshkit_rebalancer_v1_webhook,
  WebhookStateSchema,
} from '../gen/meshkit/rebalancer/v1/webhook_pb.ts';
import { file_meshkit_rebalancer_v1_webhook_service } from '../gen/meshkit/rebalancer/v1/webhook_service_pb.ts';
import { alertIgnoredCodec, alertResultCodec } from './alert-codec.ts';
import type { EnumCodec } from './enum-codec.ts';
import * as enums from './enums.ts';
import * as policyEnums from './policy-enums.ts';
import { webhookStateCodec } from './webhook-codec.ts';

const files: readonly DescFile[] = [
  file_meshkit_rebalancer_v1_alert,
  file_meshkit_rebalancer_v1_audit,
  file_meshkit_rebalancer_v1_audit_service,
  file_meshkit_rebalancer_v1_controller,
  file_meshkit_rebalancer_v1_controller_service,
  file_meshkit_rebalancer_v1_event,
  file_meshkit_rebalancer_v1_incident,
  file_meshkit_rebalancer_v1_incident_service,
  file_meshkit_rebalancer_v1_move,
  file_meshkit_rebalancer_v1_node,
  file_meshkit_rebalancer_v1_node_service,
  file_meshkit_rebalancer_v1_plan,
  file_meshkit_rebalancer_v1_plan_service,
  file_meshkit_rebalancer_v1_policy,
  file_meshkit_rebalancer_v1_policy_service,
  file_meshkit_rebalancer_v1_problem,
  file_meshkit_rebalancer_v1_snapshot,
  file_meshkit_rebalancer_v1_snapshot_service,
  file_meshkit_rebalancer_v1_status_service,
  file_meshkit_rebalancer_v1_telemetry_service,
  file_meshkit_rebalancer_v1_verdict,
  file_meshkit_rebalancer_v1_webhook,
  file_meshkit_rebalancer_v1_webhook_service,
];
const messages = files
  .flatMap((file) => file.messages)
  .map((each): [string, DescMessage] => [each.name, each]);

/** Codecs whose words the domain has one for each value of the contract. */
const codecs: [string, EnumCodec<string, number>, DescEnum][] = [
  ['planStatus', enums.planStatusCodec, PlanStatusSchema],
  ['lowerBoundKind', enums.lowerBoundKindCodec, LowerBoundKindSchema],
  ['obstacleCode', enums.obstacleCodeCodec, ObstacleCodeSchema],
  ['moveKind', enums.moveKindCodec, MoveKindSchema],
  ['moveReasonCode', enums.moveReasonCodeCodec, MoveReasonCodeSchema],
  ['moveState', enums.moveStateCodec, MoveStateSchema],
  ['moveStep', enums.moveStepCodec, MoveStepSchema],
  ['nodeStatus', enums.nodeStatusCodec, NodeStatusSchema],
  ['adminState', enums.adminStateCodec, AdminStateSchema],
  ['shardStatus', enums.shardStatusCodec, ShardStatusSchema],
  ['verdictDecision', enums.verdictDecisionCodec, VerdictDecisionSchema],
  ['incidentSeverity', enums.incidentSeverityCodec, IncidentSeveritySchema],
  ['eventType', enums.eventTypeCodec, EventTypeSchema],
  ['controllerState', enums.controllerStateCodec, ControllerStateSchema],
  ['alertResult', alertResultCodec, AlertResultSchema],
  ['alertIgnored', alertIgnoredCodec, AlertIgnoredSchema],
  ['webhookState', webhookStateCodec, WebhookStateSchema],
  ['policyMode', policyEnums.policyModeCodec, PolicyModeSchema],
  ['planKind', policyEnums.planKindCodec, PlanKindSchema],
  ['spreadLevel', policyEnums.spreadLevelCodec, SpreadLevelSchema],
  ['combine', policyEnums.combineCodec, ScoringPolicy_CombineSchema],
  ['transientHold', policyEnums.transientHoldCodec, PlacementPolicy_TransientHoldSchema],
  ['labelEffect', policyEnums.labelEffectCodec, LabelRule_EffectSchema],
  ['pinEffect', policyEnums.pinEffectCodec, PinRule_EffectSchema],
  ['severityOrNever', policyEnums.severityOrNeverCodec, IncidentPolicy_FromSchema],
  ['onDrift', policyEnums.onDriftCodec, ExecutionPolicy_OnDriftSchema],
];

const validator = createValidator();

describe('the contract', () => {
  test.each(messages)('has rules for %s that can be evaluated', (_, schema) => {
    expect(validator.validate(schema, create(schema)).kind).not.toBe('error');
  });

  test.each(codecs)('and the domain agree on the values of %s', (_, codec, schema) => {
    for (const { number } of schema.values) {
      if (number === 0) continue;
      expect(codec.toMessage(codec.fromMessage(number))).toBe(number);
    }
  });

  test('reads a value that a newer one added as a problem, not as something else', () => {
    expect(() => enums.planStatusCodec.fromMessage(99 as PlanStatus)).toThrow('PlanStatus has the value 99');
    expect(() => enums.planStatusCodec.fromMessage(0)).toThrow();
  });
});
