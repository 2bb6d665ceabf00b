import { afterAll, beforeAll, expect, test } from 'bun:test';
import { type Plan, PlanFileSchema, PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { SnapshotSchema } from '../../src/gen/meshkit/rebalancer/v1/snapshot_pb.ts';
import { GetStatusResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/status_service_pb.ts';
import { GetFleetResponseSchema } from '../../src/gen/meshkit/simulator/v1/fleet_simulator_pb.ts';
import { connectTo } from '../support/client.ts';
import {
  concurrency,
  type LargeFleet,
  nodes,
  peakMemoryBytes,
  replicasPerShard,
  shards,
  startLargeFleet,
} from './large-fleet.ts';

/** A move is told when it starts and when it ends; waves, progress and what holds moves back add a little. */
const mostEventsPerMove = 8;
/** One record for each move's end; beside them, what people and the controller did. */
const otherAuditRecords = 60;
/** Several times what the service is seen to need for a fleet of this size. */
const mostMemoryBytes = 2 ** 30;
const plannedMoves = 300;

let large: LargeFleet;
beforeAll(async () => {
  large = await startLargeFleet();
}, 120_000);
afterAll(async () => {
  await large[Symbol.asyncDispose]();
}, 60_000);

test('the first snapshot shows the whole fleet', async () => {
  const snapshot = await large.cli.read(SnapshotSchema, ['snapshot', 'show']);
  expect(snapshot.nodes.length).toBe(nodes);
  expect(snapshot.shards?.ids.length).toBe(shards);
  expect(snapshot.quality?.completeness).toBe(1);
});

test('the service answers while a large plan is computed', async () => {
  const client = connectTo(large.service, { as: 'ann' });
  let computing = true;
  const planning = client.plans
    .createPlan({
      namespace: 'large',
      dryRun: true,
      reason: 'the whole fleet',
      idempotencyKey: 'k-large-dry-run',
    })
    .finally(() => {
      computing = false;
    });
  let answers = 0;
  while (computing) {
    const { ready } = await client.status.getStatus({});
    expect(ready).toBe(true);
    if (computing) answers += 1;
  }
  const { plan } = await planning;
  expect(plan?.summary?.moves).toBeGreaterThan(BigInt(plannedMoves));
  expect(answers).toBeGreaterThan(2);
});

test('a plan of hundreds of moves runs to its end within the caps, and makes no more noise than it must', async () => {
  const { cli } = large;
  await cli.run(['fleet', 'reset']);
  const plan = await makePlan();
  expect(plan.summary?.moves).toBeGreaterThan(200n);
  expect(plan.summary?.moves).toBeLessThanOrEqual(BigInt(plannedMoves));
  const eventsBefore = await eventHead();
  const approve = ['shards', 'rebalance', 'approve', plan.id, '--digest', plan.digest];
  await cli.run([...approve, '--wait', '--quiet'], { as: 'bob' });

  const shown = await cli.read(PlanFileSchema, ['shards', 'rebalance', 'show', plan.id]);
  expect(shown.plan?.status).toBe(PlanStatus.COMPLETED);
  const moves = Number(plan.summary?.moves);
  const stats = await cli.read(GetFleetResponseSchema, ['fleet', 'stats']);
  expect(stats.executedMoves).toBe(moves);
  expect(stats.maxConcurrentMoves).toBeGreaterThan(1);
  expect(stats.maxConcurrentMoves).toBeLessThanOrEqual(concurrency.namespace);
  expect(stats.minHealthyReplicas).toBeGreaterThanOrEqual(replicasPerShard - 1);
  expect([stats.repeatedEffects, stats.overCommits].map(Number)).toEqual([0, 0]);
  expect((await eventHead()) - eventsBefore).toBeLessThanOrEqual(moves * mostEventsPerMove);
  const verified = JSON.parse(await cli.run(['audit', 'verify', '-o', 'json'])) as { records: string };
  expect(Number(verified.records)).toBeLessThanOrEqual(moves + otherAuditRecords);
}, 170_000);

test('the service has stayed within its memory', async () => {
  const peak = await peakMemoryBytes(large.service);
  if (peak === undefined) return;
  expect(peak).toBeLessThan(mostMemoryBytes);
});

async function makePlan(): Promise<Plan> {
  const make = ['shards', 'rebalance', 'plan', '--max-moves', String(plannedMoves)];
  const { plan } = await large.cli.read(PlanFileSchema, make, { as: 'ann' });
  if (!plan) throw new Error('the answer has no plan');
  return plan;
}

async function eventHead(): Promise<number> {
  return Number((await large.cli.read(GetStatusResponseSchema, ['status'])).eventHead);
}
