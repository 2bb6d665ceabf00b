import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type {
  DestinationSurvey,
  NodeExplanation,
  NodeLoad,
  PlacementOption,
  Refusal,
  RemainingReplica,
  ReplicaExplanation,
  ShardExplanation,
  StayReason,
} from '../domain/explanation.ts';
import { shardStatuses } from '../domain/snapshot.ts';
import type { WhatIfAnswer } from '../domain/what-if-answer.ts';
import type { WhatIfChange } from '../domain/what-if-change.ts';
import {
  NodeExplanationSchema,
  ShardExplanationSchema,
} from '../gen/meshkit/rebalancer/v1/explanation_pb.ts';
import { WhatIfResponseSchema } from '../gen/meshkit/rebalancer/v1/plan_service_pb.ts';
import { FleetChangeSchema } from '../gen/meshkit/rebalancer/v1/what_if_pb.ts';
import {
  amount,
  move,
  name,
  obstacle,
  plan,
  real,
  share,
  small,
  text,
  whole,
} from './arbitraries.testing.ts';
import { shardExplanationFromMessage, shardExplanationToMessage } from './explanation-codec.ts';
import { nodeExplanationFromMessage, nodeExplanationToMessage } from './node-explanation-codec.ts';
import { survives } from './survives.testing.ts';
import {
  fleetChangeFromMessage,
  fleetChangeToMessage,
  whatIfFromMessage,
  whatIfToMessage,
} from './what-if-codec.ts';

const code = fc.constantFrom('withinTolerance', 'capacity', 'notRequested', 'budgetShare');
const loads = fc.array(amount, { maxLength: 3 });
const names = fc.array(name, { maxLength: 3 });
const moves = fc.array(move, { maxLength: 2 });
const stay: fc.Arbitrary<StayReason> = fc.record({
  code,
  subject: text,
  dimension: text,
  observed: real,
  limit: real,
  message: text,
});
const refusal: fc.Arbitrary<Refusal> = fc
  .tuple(text, stay)
  .map(([rule, reason]) => ({ rule, ...reason }) satisfies Refusal);
const option: fc.Arbitrary<PlacementOption> = fc.record({
  replica: small,
  node: text,
  isHome: fc.boolean(),
  gain: real,
  price: amount,
  refusals: fc.array(refusal, { maxLength: 2 }),
});
const survey: fc.Arbitrary<DestinationSurvey> = fc.record({
  asked: whole,
  allowed: whole,
  better: whole,
  refusals: fc.array(fc.record({ rule: text, code, nodes: whole }), { maxLength: 2 }),
  options: fc.array(option, { maxLength: 2 }),
});
const replica: fc.Arbitrary<ReplicaExplanation> = fc.record({
  replica: small,
  before: text,
  after: text,
  leadsBefore: fc.boolean(),
  leadsAfter: fc.boolean(),
  load: loads,
  bytes: amount,
  moves,
  stay: fc.option(stay),
  survey,
});
const shard: fc.Arbitrary<ShardExplanation> = fc.record({
  shard: text,
  group: text,
  status: fc.constantFrom(...shardStatuses.filter((each) => each !== 'unspecified')),
  dimensions: names,
  replicas: fc.array(replica, { maxLength: 2 }),
  leadership: fc.array(option, { maxLength: 2 }),
});
const bound = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), amount);
const nodeLoad: fc.Arbitrary<NodeLoad> = fc.record({
  dimension: text,
  before: amount,
  after: amount,
  capacity: amount,
  fairShare: amount,
  target: bound,
  limit: bound,
});
const remaining: fc.Arbitrary<RemainingReplica> = fc.record({
  shard: text,
  replica: small,
  leads: fc.boolean(),
  load: loads,
  stay,
  best: fc.option(option),
});
const node: fc.Arbitrary<NodeExplanation> = fc.record({
  node: text,
  zone: text,
  status: fc.constantFrom('alive', 'suspect', 'dead', 'left'),
  adminState: fc.constantFrom('active', 'cordoned', 'draining'),
  takesReplicas: fc.boolean(),
  mustBeVacated: fc.boolean(),
  isResting: fc.boolean(),
  distress: share,
  replicasBefore: whole,
  replicasAfter: whole,
  leadersBefore: whole,
  leadersAfter: whole,
  loads: fc.array(nodeLoad, { maxLength: 2 }),
  dimensions: names,
  leaves: moves,
  leavesCount: whole,
  arrives: moves,
  arrivesCount: whole,
  standing: stay,
  stays: fc.array(remaining, { maxLength: 2 }),
  staysCount: whole,
});

test('why a shard moves or stays goes over the wire and comes back the same', () => {
  survives(shard, ShardExplanationSchema, shardExplanationToMessage, shardExplanationFromMessage);
});

test('what a plan does to a node does, too, with limits that there are not', () => {
  survives(node, NodeExplanationSchema, nodeExplanationToMessage, nodeExplanationFromMessage);
});

const choice = fc.record({ node: text, zone: text });
const factor = fc.double({ min: 0.001, max: 1_000, noNaN: true });
const change: fc.Arbitrary<WhatIfChange> = fc.oneof(
  fc.record({
    kind: fc.constant('addNodes' as const),
    count: fc.integer({ min: 1, max: 10_000 }),
    like: text,
    region: text,
    zone: text,
    rack: text,
  }),
  fc.record({ kind: fc.constantFrom('removeNodes' as const, 'drainNodes' as const), nodes: choice }),
  fc.record({ kind: fc.constant('growNodes' as const), nodes: choice, factor, dimension: text }),
  fc.record({
    kind: fc.constant('scaleLoads' as const),
    shards: fc.record({ shard: text, prefix: text, group: text }),
    factor,
    dimension: text,
  }),
);

test('a change of the fleet does', () => {
  survives(change, FleetChangeSchema, fleetChangeToMessage, fleetChangeFromMessage);
});

const standing = fc.record({
  nodes: whole,
  takingNodes: whole,
  nodesToVacate: whole,
  replicasToVacate: whole,
  balances: plan.map((each) => each.summary.before),
});
const answer: fc.Arbitrary<WhatIfAnswer> = fc
  .tuple(plan, standing, standing, names, fc.boolean(), moves, fc.array(obstacle, { maxLength: 2 }))
  .map(([made, today, supposed, changes, policyChanged, found, obstacles]) => ({
    cluster: made.cluster,
    namespace: made.namespace,
    changes,
    policyChanged,
    kind: made.kind,
    policyRevision: made.policyRevision,
    snapshotDigest: made.snapshotDigest,
    supposedSnapshotDigest: made.afterSnapshotDigest,
    seed: made.seed,
    today,
    supposed,
    summary: made.summary,
    verdicts: made.verdicts,
    approval: made.approval,
    moves: found,
    obstacles,
  }));

test('what would be different does; of its moves as many as are asked for', () => {
  survives(answer, WhatIfResponseSchema, (each) => whatIfToMessage(each, 100), whatIfFromMessage);
  fc.assert(
    fc.property(answer, (each) => {
      expect(whatIfToMessage(each, 1).moves.length).toBe(Math.min(1, each.moves.length));
    }),
    { numRuns: 20 },
  );
});
