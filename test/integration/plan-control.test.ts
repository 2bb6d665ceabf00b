import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
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

beforeAll(async () => {
  world = await createWorld({ policy: quickPolicy() });
});
afterAll(() => world[Symbol.asyncDispose]());

beforeEach(async () => {
  const { cli } = world;
  await heatUp();
  await cli.run(['fleet', 'reset']);
  await cli.run(['fleet', 'fault', '--stall']);
  ({ plan } = await makePlan(cli));
  await approvePlan(cli, plan);
  await waitFor('copies to be in flight', 30_000, async () => (await readFleet(cli)).concurrentMoves > 0);
});

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
    await cli.run([...rebalance, 'cancel', plan.id], { as: approver });
    const begun = (await showPlan(cli, plan.id)).progress.filter((each) =>
      [MoveState.DONE, MoveState.RUNNING].includes(each.state),
    );
    expect(begun.some((each) => each.state === MoveState.RUNNING)).toBe(true);
    await cli.run(['fleet', 'fault']);
    await untilStatus(cli, plan.id, PlanStatus.CANCELLED);
    const { progress } = await showPlan(cli, plan.id);
    const kept = progress.filter((each) => each.state === MoveState.DONE).length;
    expect(kept).toBe(begun.length);
    expect(progress.every((each) => [MoveState.DONE, MoveState.SKIPPED].includes(each.state))).toBe(true);
    expect((await readFleet(cli)).executedMoves).toBe(kept);
  });

  test('undoes moves in flight that have not transferred when told to abort', async () => {
    const { cli } = world;
    await cli.run([...rebalance, 'cancel', plan.id, '--abort', '--reason', 'latency rises'], {
      as: approver,
    });
    await untilStatus(cli, plan.id, PlanStatus.CANCELLED);
    const { progress } = await showPlan(cli, plan.id);
    const count = (state: MoveState): number => progress.filter((each) => each.state === state).length;
    expect(count(MoveState.ABORTED)).toBeGreaterThan(0);
    expect(count(MoveState.DONE) + count(MoveState.ABORTED) + count(MoveState.SKIPPED)).toBe(progress.length);
    const fleet = await readFleet(cli);
    expect(fleet.concurrentMoves).toBe(0);
    expect(fleet.executedMoves).toBe(count(MoveState.DONE));
    expect(fleet.moves.filter((each) => each.transfers + each.aborts !== 1)).toEqual([]);
    expect(fleet.moves.some((each) => each.aborts === 1)).toBe(true);
    await cli.run(['fleet', 'fault']);
  });

  test('ends a watch with exit code 8, and tells it why', async () => {
    const { cli } = world;
    const watch = cli.begin([...rebalance, 'watch', plan.id]);
    await cli.run([...rebalance, 'cancel', plan.id, '--abort'], { as: approver });
    const answer = await watch.answer;
    expect(answer.code).toBe(8);
    expect(answer.stdout).toContain('to=cancelled');
    expect(answer.stdout).toContain('PLAN_CANCELLED');
    await cli.run(['fleet', 'fault']);
  });
});

/** Whatever earlier tests moved, there is something to balance again. */
async function heatUp(): Promise<void> {
  const { cli } = world;
  const { nodeStates } = await readFleet(cli);
  const [busiest] = [...nodeStates].sort((left, right) => right.utilization - left.utilization);
  await cli.run(['fleet', 'hotspot', '--node', busiest?.node ?? '', '--factor', '1.3']);
  await waitFor('a plan to be worth making', 30_000, async () => {
    const dryRun = await cli.answer([...rebalance, 'plan', '--dry-run', '-o', 'json'], { as: 'ann' });
    if (dryRun.code !== 0) return false;
    const moves = (JSON.parse(dryRun.stdout) as { moves: { kind: string }[] }).moves;
    return moves.filter((move) => move.kind === 'MOVE_KIND_RELOCATE').length > 4;
  });
}
