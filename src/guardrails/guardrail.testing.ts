import type { Incident } from '../domain/incident.ts';
import type { Move } from '../domain/move.ts';
import type { MoveTrace } from '../domain/move-trace.ts';
import type { Node } from '../domain/node.ts';
import type { PlanSummary } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import { applyOverlay } from '../domain/policy-merge.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import {
  buildSnapshot,
  type ReplicaInput,
  type ShardInput,
  type SnapshotInput,
} from '../domain/snapshot-builder.ts';
import type { GuardrailOverride, Verdict } from '../domain/verdict.ts';
import { createFleetView } from './fleet-view.ts';
import { type Guardrail, resolveMove } from './guardrail.ts';
import type { MoveGuardrailContext, PlanGuardrailContext } from './guardrail-context.ts';
import { applyOverrides } from './verdicts.ts';

/** Small fleets, moves and contexts for the tests of guardrails: healthy and roomy unless a test says otherwise. */

export const testNow = Date.UTC(2026, 2, 4, 12);

export function testPolicy(overlay: PolicyOverlay = {}): Policy {
  return applyOverlay(defaultPolicy('prod', 'orders'), overlay);
}

export function testNode(id: string, rest: Partial<Node> = {}): Node {
  return {
    id,
    region: 'eu',
    zone: 'a',
    rack: 'r1',
    labels: {},
    weight: 1,
    status: 'alive',
    adminState: 'active',
    capacity: [100, 100],
    signals: {},
    ...rest,
  };
}

/** A shard whose replicas, numbered from 0, are on the nodes; the first leads. */
export function testShard(
  id: string,
  nodes: readonly string[],
  loads: readonly number[] = [10, 10],
): ShardInput {
  const replicas = nodes.map(
    (node, number): ReplicaInput => ({ number, node, leads: number === 0, bytes: 100, loads }),
  );
  return { id, version: 1, status: 'active', group: '', replicas };
}

/** cpu and (transient by default) disk; six nodes n1..n6 in the zones a, b, c; four shards. */
export function testSnapshot(rest: Partial<SnapshotInput> = {}): Snapshot {
  const built = buildSnapshot({
    cluster: 'prod',
    namespace: 'orders',
    takenAt: testNow,
    dimensions: [
      { name: 'cpu', unit: 'cores' },
      { name: 'disk', unit: 'GiB' },
    ],
    nodes: ['a', 'a', 'b', 'b', 'c', 'c'].map((zone, index) => testNode(`n${index + 1}`, { zone })),
    shards: [
      testShard('s1', ['n1', 'n3']),
      testShard('s2', ['n1']),
      testShard('s3', ['n2', 'n4', 'n5']),
      testShard('s4', ['n3']),
    ],
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
    ...rest,
  });
  if (!built.ok) throw new Error(built.error.map((problem) => problem.message).join('; '));
  return built.value;
}

/** Shard s1's leader, from n1 to n5. */
export function testMove(rest: Partial<Move> = {}): Move {
  return {
    id: 'm00001',
    wave: 0,
    kind: 'relocate',
    shard: 's1',
    replica: 0,
    successor: 0,
    source: 'n1',
    destination: 'n5',
    leads: true,
    expectedVersion: 1,
    bytes: 100,
    load: [10, 10],
    reasons: [],
    gain: 1,
    price: 0,
    ...rest,
  };
}

export function testTrace(rest: Partial<MoveTrace> = {}): MoveTrace {
  return {
    cluster: 'prod',
    namespace: 'orders',
    planId: 'earlier',
    moveId: 'm00001',
    shard: 's1',
    replica: 0,
    source: 'n5',
    destination: 'n1',
    at: testNow - 60_000,
    ...rest,
  };
}

export function testIncident(rest: Partial<Incident> = {}): Incident {
  return {
    id: 'i1',
    cluster: 'prod',
    namespace: '',
    severity: 'warning',
    title: 'disks are slow',
    source: 'operator',
    openedAt: testNow - 1_000,
    openedBy: 'ada',
    reason: 'latency',
    closedAt: 0,
    closedBy: '',
    revision: 1,
    ...rest,
  };
}

export function testSummary(rest: Partial<PlanSummary> = {}): PlanSummary {
  return {
    moves: 1,
    waves: 1,
    bytes: 100,
    shardsTouched: 1,
    shareOfShards: 0.25,
    before: [],
    after: [],
    violationsBefore: 0,
    violationsAfter: 0,
    toVacateBefore: 0,
    toVacateAfter: 0,
    objectiveBefore: [0, 0, 0, 2],
    objectiveAfter: [0, 0, 0, 1],
    lowerBound: 1,
    lowerBoundWithinBudget: 1,
    lowerBoundBy: 'waterFilling',
    movesLowerBound: 0,
    gap: 0,
    eta: { lowMs: 0, expectedMs: 0, highMs: 0 },
    evaluations: 1,
    deterministic: true,
    ...rest,
  };
}

export function planContext(rest: Partial<PlanGuardrailContext> = {}): PlanGuardrailContext {
  return {
    phase: 'create',
    now: testNow,
    snapshot: testSnapshot(),
    policy: testPolicy(),
    kind: 'rebalance',
    moves: [testMove()],
    summary: testSummary(),
    changeTicket: '',
    incidents: [],
    moveTraces: [],
    lastPlanEndedAt: 0,
    lastPlanFailed: false,
    overrides: [],
    ...rest,
  };
}

/** @param rest `snapshot` and `inFlight` make the view, unless `view` is given */
export function moveContext(
  rest: Partial<MoveGuardrailContext> & {
    readonly snapshot?: Snapshot;
    readonly inFlight?: readonly Move[];
  } = {},
): MoveGuardrailContext {
  const { snapshot, inFlight, ...given } = rest;
  const policy = given.policy ?? testPolicy();
  const view = given.view ?? createFleetView(snapshot ?? testSnapshot(), policy);
  for (const move of inFlight ?? []) view.begin(move);
  return {
    now: testNow,
    view,
    policy,
    clusterPolicy: testPolicy(),
    clusterMovesInFlight: 0,
    incidents: [],
    overrides: [],
    moveTraces: [],
    planId: 'p1',
    kind: 'rebalance',
    ...given,
  };
}

/** The one rule's verdict on a plan, overrides applied; throws when the rule has no part in the phase. */
export function judgePlanBy(rule: Guardrail, context: PlanGuardrailContext): Verdict {
  if (!rule.plan?.phases.includes(context.phase))
    throw new Error(`${rule.code} does not judge in ${context.phase}`);
  const [verdict] = applyOverrides([rule.plan.judge(context)], context.overrides);
  if (!verdict) throw new Error('no verdict');
  return verdict;
}

/** The one rule's verdict on a move, overrides applied; undefined where it has no objection. */
export function judgeMoveBy(
  rule: Guardrail,
  context: MoveGuardrailContext,
  move: Move = testMove(),
): Verdict | undefined {
  const verdict = rule.move?.(context, resolveMove(context.view, move));
  if (!verdict || verdict.decision === 'allow') return undefined;
  return applyOverrides([verdict], context.overrides)[0];
}

/** An override of the rule's code by ada. */
export function overrideOf(rule: Guardrail): GuardrailOverride {
  return { code: rule.code, reason: 'agreed with the owners', by: 'ada' };
}
