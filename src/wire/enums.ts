import type { ControllerState } from '../domain/controller-state.ts';
import type { EventType } from '../domain/event.ts';
import type { IncidentSeverity } from '../domain/incident.ts';
import type { MoveKind, MoveReasonCode, MoveState, MoveStep } from '../domain/move.ts';
import type { AdminState, NodeStatus } from '../domain/node.ts';
import type { LowerBoundKind, ObstacleCode } from '../domain/plan.ts';
import type { PlanStatus } from '../domain/plan-status.ts';
import type { ShardStatus } from '../domain/snapshot.ts';
import type { VerdictDecision } from '../domain/verdict.ts';
import { ControllerState as ControllerStateValue } from '../gen/meshkit/rebalancer/v1/controller_pb.ts';
import { EventType as EventTypeValue } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import { IncidentSeverity as IncidentSeverityValue } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import {
  MoveKind as MoveKindValue,
  MoveReasonCode as MoveReasonCodeValue,
  MoveState as MoveStateValue,
  MoveStep as MoveStepValue,
} from '../gen/meshkit/rebalancer/v1/move_pb.ts';
import {
  AdminState as AdminStateValue,
  NodeStatus as NodeStatusValue,
} from '../gen/meshkit/rebalancer/v1/node_pb.ts';
import {
  LowerBoundKind as LowerBoundKindValue,
  ObstacleCode as ObstacleCodeValue,
  PlanStatus as PlanStatusValue,
} from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { ShardStatus as ShardStatusValue } from '../gen/meshkit/rebalancer/v1/snapshot_pb.ts';
import { VerdictDecision as VerdictDecisionValue } from '../gen/meshkit/rebalancer/v1/verdict_pb.ts';
import { createEnumCodec } from './enum-codec.ts';

export const planStatusCodec = createEnumCodec<PlanStatus, PlanStatusValue>('PlanStatus', {
  draft: PlanStatusValue.DRAFT,
  pendingApproval: PlanStatusValue.PENDING_APPROVAL,
  approved: PlanStatusValue.APPROVED,
  executing: PlanStatusValue.EXECUTING,
  paused: PlanStatusValue.PAUSED,
  completed: PlanStatusValue.COMPLETED,
  failed: PlanStatusValue.FAILED,
  cancelled: PlanStatusValue.CANCELLED,
  rejected: PlanStatusValue.REJECTED,
  expired: PlanStatusValue.EXPIRED,
  superseded: PlanStatusValue.SUPERSEDED,
  rollingBack: PlanStatusValue.ROLLING_BACK,
  rolledBack: PlanStatusValue.ROLLED_BACK,
});

export const lowerBoundKindCodec = createEnumCodec<LowerBoundKind, LowerBoundKindValue>('LowerBoundKind', {
  waterFilling: LowerBoundKindValue.WATER_FILLING,
  largestReplica: LowerBoundKindValue.LARGEST_REPLICA,
  counting: LowerBoundKindValue.COUNTING,
  nodeShapes: LowerBoundKindValue.NODE_SHAPES,
  immovable: LowerBoundKindValue.IMMOVABLE,
  budget: LowerBoundKindValue.BUDGET,
  unknown: LowerBoundKindValue.UNSPECIFIED,
});

export const obstacleCodeCodec = createEnumCodec<ObstacleCode, ObstacleCodeValue>('ObstacleCode', {
  noFeasibleDestination: ObstacleCodeValue.NO_FEASIBLE_DESTINATION,
  capacity: ObstacleCodeValue.CAPACITY,
  spread: ObstacleCodeValue.SPREAD,
  label: ObstacleCodeValue.LABEL,
  pin: ObstacleCodeValue.PIN,
  dependency: ObstacleCodeValue.DEPENDENCY,
  replicaOnNode: ObstacleCodeValue.REPLICA_ON_NODE,
  nodeTakesNothing: ObstacleCodeValue.NODE_TAKES_NOTHING,
  concentration: ObstacleCodeValue.CONCENTRATION,
  cooldown: ObstacleCodeValue.COOLDOWN,
  budgetMoves: ObstacleCodeValue.BUDGET_MOVES,
  budgetBytes: ObstacleCodeValue.BUDGET_BYTES,
  budgetShare: ObstacleCodeValue.BUDGET_SHARE,
  budgetSearch: ObstacleCodeValue.BUDGET_SEARCH,
  gainBelowPrice: ObstacleCodeValue.GAIN_BELOW_PRICE,
  intermediateCapacity: ObstacleCodeValue.INTERMEDIATE_CAPACITY,
  transientCapacity: ObstacleCodeValue.TRANSIENT_CAPACITY,
  shardNotMovable: ObstacleCodeValue.SHARD_NOT_MOVABLE,
  extension: ObstacleCodeValue.EXTENSION,
  withinTolerance: ObstacleCodeValue.WITHIN_TOLERANCE,
  noBetterDestination: ObstacleCodeValue.NO_BETTER_DESTINATION,
  improvementLeft: ObstacleCodeValue.IMPROVEMENT_LEFT,
  notRequested: ObstacleCodeValue.NOT_REQUESTED,
});

export const moveKindCodec = createEnumCodec<MoveKind, MoveKindValue>('MoveKind', {
  relocate: MoveKindValue.RELOCATE,
  transferLeadership: MoveKindValue.TRANSFER_LEADERSHIP,
});

export const moveReasonCodeCodec = createEnumCodec<MoveReasonCode, MoveReasonCodeValue>('MoveReasonCode', {
  nodeMustBeVacated: MoveReasonCodeValue.NODE_MUST_BE_VACATED,
  capacityExceeded: MoveReasonCodeValue.CAPACITY_EXCEEDED,
  overTarget: MoveReasonCodeValue.OVER_TARGET,
  spreadViolated: MoveReasonCodeValue.SPREAD_VIOLATED,
  placementViolated: MoveReasonCodeValue.PLACEMENT_VIOLATED,
  overConcentrated: MoveReasonCodeValue.OVER_CONCENTRATED,
  imbalance: MoveReasonCodeValue.IMBALANCE,
  leadershipImbalance: MoveReasonCodeValue.LEADERSHIP_IMBALANCE,
  swapPartner: MoveReasonCodeValue.SWAP_PARTNER,
  stagedForCapacity: MoveReasonCodeValue.STAGED_FOR_CAPACITY,
  rollback: MoveReasonCodeValue.ROLLBACK,
  extension: MoveReasonCodeValue.EXTENSION,
});

export const moveStateCodec = createEnumCodec<MoveState, MoveStateValue>('MoveState', {
  pending: MoveStateValue.PENDING,
  running: MoveStateValue.RUNNING,
  done: MoveStateValue.DONE,
  failed: MoveStateValue.FAILED,
  aborted: MoveStateValue.ABORTED,
  skipped: MoveStateValue.SKIPPED,
  unknown: MoveStateValue.UNKNOWN,
});

export const moveStepCodec = createEnumCodec<MoveStep, MoveStepValue>('MoveStep', {
  prepare: MoveStepValue.PREPARE,
  drain: MoveStepValue.DRAIN,
  transfer: MoveStepValue.TRANSFER,
  verify: MoveStepValue.VERIFY,
  release: MoveStepValue.RELEASE,
});

export const nodeStatusCodec = createEnumCodec<NodeStatus, NodeStatusValue>('NodeStatus', {
  alive: NodeStatusValue.ALIVE,
  suspect: NodeStatusValue.SUSPECT,
  dead: NodeStatusValue.DEAD,
  left: NodeStatusValue.LEFT,
});

export const adminStateCodec = createEnumCodec<AdminState, AdminStateValue>('AdminState', {
  active: AdminStateValue.ACTIVE,
  cordoned: AdminStateValue.CORDONED,
  draining: AdminStateValue.DRAINING,
});

export const shardStatusCodec = createEnumCodec<ShardStatus, ShardStatusValue>('ShardStatus', {
  unspecified: ShardStatusValue.UNSPECIFIED,
  active: ShardStatusValue.ACTIVE,
  draining: ShardStatusValue.DRAINING,
  paused: ShardStatusValue.PAUSED,
  disabled: ShardStatusValue.DISABLED,
});

export const verdictDecisionCodec = createEnumCodec<VerdictDecision, VerdictDecisionValue>(
  'VerdictDecision',
  {
    allow: VerdictDecisionValue.ALLOW,
    throttle: VerdictDecisionValue.THROTTLE,
    block: VerdictDecisionValue.BLOCK,
  },
);

export const incidentSeverityCodec = createEnumCodec<IncidentSeverity, IncidentSeverityValue>(
  'IncidentSeverity',
  {
    info: IncidentSeverityValue.INFO,
    warning: IncidentSeverityValue.WARNING,
    critical: IncidentSeverityValue.CRITICAL,
  },
);

export const eventTypeCodec = createEnumCodec<EventType, EventTypeValue>('EventType', {
  planCreated: EventTypeValue.PLAN_CREATED,
  planStatusChanged: EventTypeValue.PLAN_STATUS_CHANGED,
  planApproved: EventTypeValue.PLAN_APPROVED,
  planProgress: EventTypeValue.PLAN_PROGRESS,
  moveStarted: EventTypeValue.MOVE_STARTED,
  moveStepped: EventTypeValue.MOVE_STEPPED,
  moveEnded: EventTypeValue.MOVE_ENDED,
  guardrailVerdict: EventTypeValue.GUARDRAIL_VERDICT,
  controllerTransition: EventTypeValue.CONTROLLER_TRANSITION,
  policyApplied: EventTypeValue.POLICY_APPLIED,
  incidentOpened: EventTypeValue.INCIDENT_OPENED,
  incidentClosed: EventTypeValue.INCIDENT_CLOSED,
  nodeAdminStateChanged: EventTypeValue.NODE_ADMIN_STATE_CHANGED,
  telemetryDegraded: EventTypeValue.TELEMETRY_DEGRADED,
});

export const controllerStateCodec = createEnumCodec<ControllerState, ControllerStateValue>(
  'ControllerState',
  {
    steady: ControllerStateValue.STEADY,
    investigating: ControllerStateValue.INVESTIGATING,
    draining: ControllerStateValue.DRAINING,
    planPending: ControllerStateValue.PLAN_PENDING,
    executing: ControllerStateValue.EXECUTING,
    completed: ControllerStateValue.COMPLETED,
    failed: ControllerStateValue.FAILED,
  },
);
