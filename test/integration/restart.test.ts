import { describe, expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { VerifyAuditTrailResponseSchema } from '../../src/gen/meshkit/rebalancer/v1/audit_service_pb.ts';
import { MoveState } from '../../src/gen/meshkit/rebalancer/v1/move_pb.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { readAudit } from '../support/audit.ts';
import { approvePlan, makePlan, readFleet, showPlan, untilStatus } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, type World } from '../support/world.ts';

/** Copies take about a second each, so that a kill hits moves in flight. */
const slow = { timeScale: 10 };
const namespaceLimit = 3;

describe('a service that is killed while a plan executes', () => {
  test('goes on where it was, whatever it was doing: no move runs twice, and the trail is one chain', async () => {
    await using world = await createWorld({ ...slow, policy: quickPolicy() });
    const { cli } = world;
    const { plan } = await makePlan(cli);
    const moves = Number(plan.summary?.moves);
    expect(moves).toBeGreaterThan(8);
    await approvePlan(cli, plan);
    // The first moment is that of the approval itself: perhaps no move has started.
    await world.restart('SIGKILL');
    for (const share of [0.2, 0.5, 0.8]) {
      await untilDone(world, plan.id, Math.ceil(moves * share));
      await world.restart('SIGKILL');
    }
    const ended = await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
    expect(Number(ended.progress?.done)).toBe(moves);
    await expectEachMoveOnce(world, plan.id, moves);
    await expectOneChain(world, plan.id, moves);
  });

  test('in the middle of copies neither copies again nor forgets them', async () => {
    await using world = await createWorld({ policy: quickPolicy() });
    const { cli } = world;
    await cli.run(['fleet', 'fault', '--stall']);
    const { plan } = await makePlan(cli);
    await approvePlan(cli, plan);
    await waitFor('copies in flight', 30_000, async () => (await readFleet(cli)).concurrentMoves > 0);
    await world.restart('SIGKILL');
    await cli.run(['fleet', 'fault']);
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
    const { moves } = await readFleet(cli);
    expect(moves.filter((each) => each.prepares > 1)).toEqual([]);
    await expectEachMoveOnce(world, plan.id, Number(plan.summary?.moves));
  });

  test('keeps its promises over lost and repeated messages as well', async () => {
    await using world = await createWorld({ ...slow, policy: quickPolicy() });
    const { cli } = world;
    await cli.run([
      'fleet',
      'fault',
      '--drop-answers',
      '0.2',
      '--drop-requests',
      '0.1',
      '--duplicate',
      '0.3',
    ]);
    const { plan } = await makePlan(cli, ['--max-moves', '10']);
    const moves = Number(plan.summary?.moves);
    await approvePlan(cli, plan);
    await untilDone(world, plan.id, 3);
    await world.restart('SIGKILL');
    await cli.run(['fleet', 'fault']);
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
    await expectEachMoveOnce(world, plan.id, moves);
    await expectOneChain(world, plan.id, moves);
  });
});

describe('a service that is asked to stop while a plan executes', () => {
  test('ends in order and goes on with the plan after the next start', async () => {
    await using world = await createWorld({ ...slow, policy: quickPolicy() });
    const { cli } = world;
    const { plan } = await makePlan(cli, ['--max-moves', '12']);
    const moves = Number(plan.summary?.moves);
    await approvePlan(cli, plan);
    await untilDone(world, plan.id, 2);
    expect(await world.service().stop('SIGTERM')).toBe(0);
    await world.restart('SIGTERM');
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
    await expectEachMoveOnce(world, plan.id, moves);
    await expectOneChain(world, plan.id, moves);
  });

  test('keeps a plan paused that somebody paused', async () => {
    await using world = await createWorld({ ...slow, policy: quickPolicy() });
    const { cli } = world;
    const { plan } = await makePlan(cli, ['--max-moves', '12']);
    await approvePlan(cli, plan);
    await cli.run(['shards', 'rebalance', 'pause', plan.id, '--reason', 'a release']);
    await untilStatus(cli, plan.id, PlanStatus.PAUSED);
    await world.restart('SIGKILL');
    const before = await showPlan(cli, plan.id);
    expect(before.plan.status).toBe(PlanStatus.PAUSED);
    await cli.run(['shards', 'rebalance', 'resume', plan.id]);
    await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
    await expectEachMoveOnce(world, plan.id, Number(plan.summary?.moves));
  });
});

/** Waits until at least so many moves have completed, and fails when the plan fails; on a busy machine it may have ended. */
async function untilDone({ cli }: World, planId: string, count: number): Promise<void> {
  await waitFor(
    `${count} moves of plan ${planId}`,
    60_000,
    async () => {
      const { plan } = await showPlan(cli, planId);
      expect([PlanStatus.APPROVED, PlanStatus.EXECUTING, PlanStatus.COMPLETED]).toContain(plan.status);
      return Number(plan.progress?.done ?? 0) >= count;
    },
    20,
  );
}

/** The fleet counts what really happened to it, apart from what the service believes. */
async function expectEachMoveOnce({ cli }: World, planId: string, moves: number): Promise<void> {
  const fleet = await readFleet(cli);
  expect(fleet.repeatedEffects).toBe(0);
  expect(fleet.overCommits).toBe(0);
  expect(fleet.minHealthyReplicas).toBeGreaterThanOrEqual(2);
  expect(fleet.maxConcurrentMoves).toBeGreaterThan(0);
  expect(fleet.maxConcurrentMoves).toBeLessThanOrEqual(namespaceLimit);
  expect(fleet.concurrentMoves).toBe(0);
  expect(fleet.moves.filter((each) => each.transfers !== 1)).toEqual([]);
  expect(fleet.moves.every((each) => each.moveKey.startsWith(`${planId}/`))).toBe(true);
  expect(fleet.moves.length).toBe(moves);
  const { progress } = await showPlan(cli, planId);
  expect(progress.map((each) => each.state)).toEqual(Array.from({ length: moves }, () => MoveState.DONE));
}

async function expectOneChain({ cli }: World, planId: string, moves: number): Promise<void> {
  const verified = await cli.read(VerifyAuditTrailResponseSchema, ['audit', 'verify']);
  const records = await readAudit(cli);
  expect(verified.records).toBe(BigInt(records.length));
  expect(records.map((each) => Number(each.sequence))).toEqual(records.map((_, index) => index + 1));
  expect(records.slice(1).map((each) => each.previousHash)).toEqual(
    records.slice(0, -1).map((each) => each.hash),
  );
  const completed = records.filter(
    (each) => each.subject === `plan/${planId}` && each.action === 'move.completed',
  );
  expect(completed.length).toBe(moves);
  expect(records.filter((each) => each.action === 'plan.complete').length).toBe(1);
}
