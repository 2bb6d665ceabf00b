import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ControllerView, NodeView, ScoreBreakdown } from '../controller/rebalancer.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import { controllerStates } from '../domain/controller-state.ts';
import { type ErrorCode, errorCodes } from '../domain/error-codes.ts';
import { eventTypes, type MeshEvent } from '../domain/event.ts';
import { incidentSeverities } from '../domain/incident.ts';
import type { Node } from '../domain/node.ts';
import { effectivePolicy } from '../domain/policy-merge.ts';
import type { PolicyDocument } from '../domain/policy-overlay.ts';
import type { Problem } from '../domain/problem.ts';
import { AuditRecordSchema } from '../gen/meshkit/rebalancer/v1/audit_pb.ts';
import { ControllerSchema } from '../gen/meshkit/rebalancer/v1/controller_pb.ts';
import { GetScoresResponseSchema } from '../gen/meshkit/rebalancer/v1/controller_service_pb.ts';
import { EventSchema } from '../gen/meshkit/rebalancer/v1/event_pb.ts';
import { IncidentSchema } from '../gen/meshkit/rebalancer/v1/incident_pb.ts';
import { MoveSchema, RequestedMoveSchema } from '../gen/meshkit/rebalancer/v1/move_pb.ts';
import { NodeViewSchema } from '../gen/meshkit/rebalancer/v1/node_service_pb.ts';
import { MoveDriftSchema, PlanFileSchema } from '../gen/meshkit/rebalancer/v1/plan_pb.ts';
import { PolicyDocumentSchema, PolicySchema } from '../gen/meshkit/rebalancer/v1/policy_pb.ts';
import { ProblemDetailSchema } from '../gen/meshkit/rebalancer/v1/problem_pb.ts';
import {
  amount,
  key,
  labels,
  maybeTime,
  move,
  moveProgress,
  name,
  obstacle,
  plan,
  real,
  share,
  small,
  strings,
  text,
  time,
  verdict,
  whole,
} from './arbitraries.testing.ts';
import { auditRecordFromMessage, auditRecordToMessage } from './audit-codec.ts';
import {
  controllerFromMessage,
  controllerToMessage,
  scoresFromMessage,
  scoresToMessage,
} from './controller-codec.ts';
import { eventFromMessage, eventToMessage } from './event-codec.ts';
import { incidentFromMessage, incidentToMessage } from './incident-codec.ts';
import {
  moveFromMessage,
  moveToMessage,
  requestedMoveFromMessage,
  requestedMoveToMessage,
} from './move-codec.ts';
import { nodeViewFromMessage, nodeViewToMessage } from './node-codec.ts';
import {
  moveDriftFromMessage,
  moveDriftToMessage,
  planViewFromMessage,
  planViewToMessage,
} from './plan-codec.ts';
import { overlay } from './policy-arbitraries.testing.ts';
import {
  policyDocumentFromMessage,
  policyDocumentToMessage,
  policyFromMessage,
  policyToMessage,
} from './policy-codec.ts';
import { formatPolicyFile, parsePolicyFile } from './policy-file.ts';
import { problemFromMessage, problemToMessage } from './problem-codec.ts';
import { survives } from './survives.testing.ts';

const problem: fc.Arbitrary<Problem> = fc.record(
  {
    code: fc.constantFrom(...(Object.keys(errorCodes) as ErrorCode[])),
    message: text,
    field: name,
    value: fc.oneof(text, real, fc.boolean()),
    limit: fc.oneof(text, real),
    subject: name,
    remedy: name,
  },
  { requiredKeys: ['code', 'message', 'remedy'] },
);

const auditRecord: fc.Arbitrary<AuditRecord> = fc.record({
  sequence: whole,
  at: time,
  actor: text,
  action: text,
  cluster: text,
  namespace: text,
  subject: text,
  reason: text,
  changeTicket: text,
  transport: text,
  outcome: text,
  before: text,
  after: text,
  details: labels,
  previousHash: text,
  hash: text,
});

const event: fc.Arbitrary<MeshEvent> = fc.record({
  sequence: whole,
  at: time,
  type: fc.constantFrom(...eventTypes),
  cluster: text,
  namespace: text,
  subject: text,
  data: fc.dictionary(key, fc.oneof(text, real, fc.boolean(), fc.constant(null)), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
});

const node: fc.Arbitrary<Node> = fc.record(
  {
    id: text,
    region: text,
    zone: text,
    rack: text,
    labels,
    weight: amount,
    status: fc.constantFrom('alive', 'suspect', 'dead', 'left'),
    adminState: fc.constantFrom('active', 'cordoned', 'draining'),
    capacity: fc.array(amount, { maxLength: 3 }),
    target: fc.array(amount, { minLength: 1, maxLength: 3 }),
    signals: fc.dictionary(key, real, { maxKeys: 3, noNullPrototype: true }),
  },
  {
    requiredKeys: [
      'id',
      'region',
      'zone',
      'rack',
      'labels',
      'weight',
      'status',
      'adminState',
      'capacity',
      'signals',
    ],
  },
);

const nodeView: fc.Arbitrary<NodeView> = fc.record({
  node,
  replicas: whole,
  leaders: whole,
  loads: fc.array(real, { maxLength: 3 }),
  dimensions: strings,
  distress: share,
});

const controller: fc.Arbitrary<ControllerView> = fc.record({
  record: fc.record({
    cluster: text,
    namespace: text,
    state: fc.constantFrom(...controllerStates),
    since: time,
    triggers: strings,
    triggeredSince: maybeTime,
    planId: text,
    notBefore: maybeTime,
    fruitless: small,
    diagnosis: fc.record({ code: text, message: text }),
    lastEvaluatedAt: maybeTime,
    lastScheduledAt: maybeTime,
    revision: whole,
  }),
  mode: fc.constantFrom('observe', 'propose', 'automatic'),
  snapshotDigest: text,
  snapshotAt: maybeTime,
  peakToMean: real,
  verdicts: fc.array(verdict, { maxLength: 2 }),
});

const scores: fc.Arbitrary<ScoreBreakdown> = fc.record({
  snapshotDigest: text,
  nodes: fc.array(
    fc.record({
      node: text,
      distress: share,
      adapters: fc.array(
        fc.record({
          adapter: text,
          weight: amount,
          distress: fc.option(share),
          evidence: fc.option(real),
          evidenceUnit: text,
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
});

const document: fc.Arbitrary<PolicyDocument> = fc.record({
  cluster: text,
  namespace: text,
  revision: whole,
  overlay,
  appliedAt: time,
  appliedBy: text,
  reason: text,
});

describe('what goes over the wire comes back the same:', () => {
  test('a problem', () => {
    survives(problem, ProblemDetailSchema, problemToMessage, problemFromMessage);
  });

  test('a plan with its moves, obstacles and progress', () => {
    const view = fc.record({
      plan,
      moves: fc.array(move, { maxLength: 3 }),
      obstacles: fc.array(obstacle, { maxLength: 2 }),
      progress: fc.array(moveProgress, { maxLength: 3 }),
    });
    survives(view, PlanFileSchema, planViewToMessage, planViewFromMessage);
  });

  test('a move, asked for or planned', () => {
    survives(move, MoveSchema, moveToMessage, moveFromMessage);
    const requested = fc.record({
      kind: fc.constantFrom('relocate', 'transferLeadership'),
      shard: text,
      replica: small,
      successor: small,
      destination: text,
    });
    survives(requested, RequestedMoveSchema, requestedMoveToMessage, requestedMoveFromMessage);
  });

  test('how a move drifted', () => {
    const drift = fc.record({
      moveId: text,
      shard: text,
      what: fc.constantFrom('version', 'owner', 'missing', 'destination'),
      expected: text,
      actual: text,
    });
    survives(drift, MoveDriftSchema, moveDriftToMessage, moveDriftFromMessage);
  });

  test('an incident', () => {
    const incident = fc.record({
      id: text,
      cluster: text,
      namespace: text,
      severity: fc.constantFrom(...incidentSeverities),
      title: text,
      source: text,
      openedAt: time,
      openedBy: text,
      reason: text,
      closedAt: maybeTime,
      closedBy: text,
      revision: whole,
    });
    survives(incident, IncidentSchema, incidentToMessage, incidentFromMessage);
  });

  test('an audit record', () => {
    survives(auditRecord, AuditRecordSchema, auditRecordToMessage, auditRecordFromMessage);
  });

  test('an event', () => {
    survives(event, EventSchema, eventToMessage, eventFromMessage);
  });

  test('a node and what it carries', () => {
    survives(nodeView, NodeViewSchema, nodeViewToMessage, nodeViewFromMessage);
  });

  test('a controller and its scores', () => {
    survives(controller, ControllerSchema, controllerToMessage, controllerFromMessage);
    survives(scores, GetScoresResponseSchema, scoresToMessage, scoresFromMessage);
  });

  test('a policy as applied, with every list that it empties', () => {
    survives(document, PolicyDocumentSchema, policyDocumentToMessage, policyDocumentFromMessage);
  });

  test('a policy with everything filled in', () => {
    const effective = fc
      .record({ cluster: name, namespace: name, overlay, revision: whole })
      .map((each) => effectivePolicy(each.cluster, each.namespace, each.overlay, undefined, each.revision));
    survives(effective, PolicySchema, policyToMessage, policyFromMessage);
  });
});

describe('a policy file', () => {
  test('that is written and accepted says the same when it is read', () => {
    let accepted = 0;
    fc.assert(
      fc.property(overlay, (value) => {
        const written = { cluster: 'c1', namespace: 'orders', overlay: value };
        const parsed = parsePolicyFile(formatPolicyFile(written));
        // Wild values may be outside the contract's limits; then each problem says where.
        if (!parsed.ok)
          return expect(parsed.error.every((each) => each.field?.startsWith('spec.'))).toBe(true);
        accepted += 1;
        expect(parsed.value).toStrictEqual(written);
      }),
      { numRuns: 150 },
    );
    // About a dozen are; a run in which none is would prove nothing.
    expect(accepted).toBeGreaterThan(0);
  });
});
