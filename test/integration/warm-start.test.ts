import { expect, test } from 'bun:test';
import type { Move } from '../../src/gen/meshkit/rebalancer/v1/move_pb.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { makePlan, showPlan, untilStatus } from '../support/plans.ts';
import { quickPolicy } from '../support/policies.ts';
import { createWorld } from '../support/world.ts';

const rebalance = ['shards', 'rebalance'];
const warmedBy = (id: string): string => `warmed by     ${id}, moves that it did not make`;

test('a plan begins with what the one before it did not get to, and says so', async () => {
  await using world = await createWorld({ policy: quickPolicy() });
  const { cli, folder } = world;
  const first = await makePlan(cli);
  expect(first.moves.length).toBeGreaterThan(0);
  expect(first.plan.warmStartedFrom).toBe('');
  expect(await cli.run([...rebalance, 'show', first.plan.id])).not.toContain('warmed by');

  // While it waits, only a dry run shows what would take its place.
  const dry = await makePlan(cli, ['--dry-run']);
  expect(dry.plan.warmStartedFrom).toBe(first.plan.id);

  // Another policy makes it old, and the next plan goes on with what it had in mind, not with the dry run.
  const stricter = quickPolicy().replace('maxMoves: 200', 'maxMoves: 150');
  await cli.run(['policies', 'apply', await folder.write('stricter.yaml', stricter), '--yes']);
  await untilStatus(cli, first.plan.id, PlanStatus.SUPERSEDED);
  const second = await makePlan(cli, ['--seed', '77']);
  expect(second.plan.warmStartedFrom).toBe(first.plan.id);
  const wanted = new Set(first.moves.map(whereTo));
  const kept = second.moves.filter((move) => wanted.has(whereTo(move)));
  // The fleet lives on between the two, so that some of it is not worth it any more.
  expect(kept.length).toBeGreaterThan(0.5 * Math.min(wanted.size, second.moves.length));

  const shown = await showPlan(cli, second.plan.id);
  expect(shown.plan.warmStartedFrom).toBe(first.plan.id);
  expect(await cli.run([...rebalance, 'show', second.plan.id])).toContain(warmedBy(first.plan.id));

  // Whoever said no to a plan gets one that is searched afresh.
  await cli.run([...rebalance, 'reject', second.plan.id, '--yes'], { as: 'bob' });
  expect((await makePlan(cli, ['--dry-run'])).plan.warmStartedFrom).toBe('');
});

function whereTo({ shard, replica, destination }: Pick<Move, 'shard' | 'replica' | 'destination'>): string {
  return `${shard}/${replica} ${destination}`;
}
