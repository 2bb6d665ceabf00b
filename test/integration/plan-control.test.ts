import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { MoveState } from '../../src/gen/meshkit/rebalancer/v1/move_pb.ts';
import { type Plan, PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { readAudit } from '../support/audit.ts';
import { approvePlan, approver, makePlan, readFleet, showPlan, untilStatus } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld, type World } from '../support/world.ts';

/** Stopping a plan while it runs. Copies make no progress (`fleet fault --stall`) until a test lets them. */
const rebalance = ['shards', 'rebalance'];
let world: World;
let plan: Plan;

beforeEach(async () => {
  world = await createWorld({ policy: quickPolicy() });
  const { cli } = world;
  await cli.run(['fleet', 'fault', '--stall']);
  ({ plan } = await makePlan(cli));
  await approvePlan(cli, plan);
  await waitFor('copies to be in flight', 30_000, async () => (await readFleet(cli)).concurrentMoves > 0);
});

afterEach(() => world[Symbol.asyncDispose]());

test('a plan that is paused starts no new move; resumed, it completes', async () => {
  const { cli } = world;
  await cli.run([...rebalance, 'pause', plan.id, '--reason', 'a release'], { as: approver });
  await cli.run(['fleet', 'fault']);
  await waitFor('moves in flight to end', 30_000, async () => (await readFleet(cli)).concurrentMoves === 0);
  const paused = await showPlan(cli, plan.id);
  expect(paused.plan.status).toBe(PlanStatus.PAUSED);
  const done = paused.progress.filter((each) => each.state === MoveState.DONE).length;
  expect(done).toBeLessThan(paused.moves.length);
  expect((await readFleet(cli)).executedMoves).toBe(done);
  await cli.run([...rebalance, 'resume', plan.id], { as: approver });
  await untilStatus(cli, plan.id, PlanStatus.COMPLETED);
  expect((await readFleet(cli)).executedMoves).toBe(paused.moves.length);
  const [record] = await readAudit(cli, ['--subject', `plan/${plan.id}`, '--action', 'plan.pause']);
  expect([record?.actor, record?.reason]).toEqual([approver, 'a release']);
});

describe('a plan that is cancelled while it runs', () => {
  test('lets moves in flight finish, and starts no other', async () => {
    const { cli } = world;
    await cli.run([...rebalance, 'cancel', plan.id, '--yes'], { as: approver });
    const begun = (await showPlan(cli, plan.id)).progress.filter((each) =>
      [MoveState.DONE, MoveState.RUNNING].includes(each.state),
    );
    expect(begun.some((each) => each.state === MoveState.RUNNING)).toBe(true);
    await cli.run(['fleet', 'fault']);
    await untilStatus(cli, plan.id, PlanStatus.CANCELLED);
    const { progress } = await showPlan(cli, plan.id);
    const kept = progress.filter((each) => each.state === MoveState.DONE).length;
    expect(kept).toBe(begun.length);
    const ends = [MoveState.DONE, MoveState.PENDING];
    expect(progress.filter((each) => !ends.includes(each.state))).toEqual([]);
    expect((await readFleet(cli)).executedMoves).toBe(kept);
  });

  test('undoes moves in flight that have not transferred when told to abort', async () => {
    const { cli } = world;
    await cli.run([...rebalance, 'cancel', plan.id, '--yes', '--abort', '--reason', 'latency rises'], {
      as: approver,
    });
    await untilStatus(cli, plan.id, PlanStatus.CANCELLED);
    const { progress } = await showPlan(cli, plan.id);
    const count = (state: MoveState): number => progress.filter((each) => each.state === state).length;
    expect(count(MoveState.ABORTED)).toBeGreaterThan(0);
    expect(count(MoveState.DONE) + count(MoveState.ABORTED) + count(MoveState.PENDING)).toBe(progress.length);
    const fleet = await readFleet(cli);
    expect(fleet.concurrentMoves).toBe(0);
    expect(fleet.executedMoves).toBe(count(MoveState.DONE));
    expect(fleet.moves.filter((each) => each.transfers + each.aborts !== 1)).toEqual([]);
    expect(fleet.moves.some((each) => each.aborts === 1)).toBe(true);
  });

  test('ends a watch with exit code 8, and tells it why', async () => {
    const { cli } = world;
    const watch = cli.begin([...rebalance, 'watch', plan.id]);
    await cli.run([...rebalance, 'cancel', plan.id, '--yes', '--abort'], { as: approver });
    const answer = await watch.answer;
    expect(answer.code).toBe(8);
    expect(answer.stdout).toContain('to=cancelled');
    expect(answer.stdout).toContain('PLAN_CANCELLED');
  });
});
