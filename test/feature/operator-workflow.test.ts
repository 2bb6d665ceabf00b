import { expect, test } from 'bun:test';
import { waitFor } from '../../scripts/support/wait-for.ts';
import { PlanStatus } from '../../src/gen/meshkit/rebalancer/v1/plan_pb.ts';
import { PlanKind } from '../../src/gen/meshkit/rebalancer/v1/policy_pb.ts';
import { briskSpec, byMemoryOnly, unevenFleet } from './brisk-policy.ts';
import { type Flow, patienceMs, startFlow, worstPeakToMean } from './flow.ts';

test('a dry run shows what a plan would do, and nothing ever comes of it', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy: 'orders.yaml' });
  const draft = await flow.makePlan('--dry-run', '--reason', 'what would you do?');

  expect(draft.status).toBe(PlanStatus.DRAFT);
  expect(draft.summary?.moves).toBeGreaterThan(0n);
  const after = worstPeakToMean(draft.summary?.after);
  expect(after).toBeLessThan(worstPeakToMean(draft.summary?.before));
  expect(draft.summary?.lowerBound).toBeLessThanOrEqual(after);

  const [problem] = await flow.refusedApproval(draft, 'bob;groups=operations', 5);
  expect(problem?.code).toBe('PLAN_DRY_RUN');
  expect((await flow.fleet()).executedMoves).toBe(0);
});

test('a plan is made by one, approved by another for its exact content, executed, and taken back', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy: briskSpec() });
  const { cli } = flow;
  const plan = await flow.makePlan('--reason', 'two hot nodes', '--ticket', 'CHG-1001');
  expect(plan.status).toBe(PlanStatus.PENDING_APPROVAL);
  expect((await flow.refusedApproval(plan, 'ann', 3))[0]?.code).toBe('APPROVAL_BY_AUTHOR');
  const other = await flow.refusedApproval(plan, 'bob', 5, `sha256:${'0'.repeat(64)}`);
  expect(other[0]?.code).toBe('PLAN_DIGEST_MISMATCH');
  expect((await flow.fleet()).executedMoves).toBe(0);

  await flow.approve(plan, 'bob', '--ticket', 'CHG-1001', '--wait', '--quiet');
  const completed = await flow.plan(plan.id);
  const moved = await flow.fleet();
  expect(completed.status).toBe(PlanStatus.COMPLETED);
  expect(BigInt(moved.executedMoves)).toBe(completed.summary?.moves ?? -1n);
  expect(moved.minHealthyReplicas).toBeGreaterThanOrEqual(2);
  expect(moved.maxConcurrentMoves).toBeLessThanOrEqual(6);
  expect([moved.repeatedEffects, moved.overCommits].map(Number)).toEqual([0, 0]);
  const balanced = moved.dimensions.filter(({ name }) => name === 'cpu' || name === 'memory');
  expect(worstPeakToMean(balanced)).toBeLessThan(worstPeakToMean(completed.summary?.before));

  await cli.run(['shards', 'rebalance', 'rollback', plan.id, '--yes', '--reason', 'not yet'], { as: 'bob' });
  const back = await flow.planAppears(PlanKind.ROLLBACK);
  expect(back.status).toBe(PlanStatus.PENDING_APPROVAL);
  await flow.approve(back, 'ann', '--wait', '--quiet');
  expect((await flow.planReaches(plan.id, PlanStatus.ROLLED_BACK)).rolledBackBy).toBe(back.id);

  const trail = (await flow.auditOf(`plan/${plan.id}`)).map(({ actor, action, outcome }) =>
    [actor, action, outcome].join(' '),
  );
  expect(trail).toContain('ann plan.create ok');
  expect(trail).toContain('ann plan.approve APPROVAL_BY_AUTHOR');
  expect(trail).toContain('bob plan.approve PLAN_DIGEST_MISMATCH');
  expect(trail).toContain('bob plan.approve ok');
  await cli.run(['audit', 'verify']);
});

test('after a rollback every replica is where it was', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy: briskSpec() });
  const before = await placements(flow, 'before.json');
  const plan = await flow.makePlan('--max-moves', '12');
  await flow.approve(plan, 'bob', '--wait', '--quiet');
  expect(await placements(flow, 'moved.json')).not.toEqual(before);

  await flow.cli.run(['shards', 'rebalance', 'rollback', plan.id, '--yes'], { as: 'ann' });
  await flow.approve(await flow.planAppears(PlanKind.ROLLBACK), 'bob', '--wait', '--quiet');
  expect(await placements(flow, 'after.json')).toEqual(before);
});

/** Where the fleet has every replica, whatever the service believes. */
async function placements({ cli, folder }: Flow, file: string): Promise<readonly string[]> {
  await cli.run(['fleet', 'export', '--out', folder.file(file)]);
  const { placements: rows } = (await Bun.file(folder.file(file)).json()) as {
    placements: readonly { shard: string; replica: number; node: string; leads: boolean }[];
  };
  return rows.map(({ shard, replica, node, leads }) => `${shard}#${replica} ${node} ${leads}`).sort();
}

test('a pending plan that is cancelled or rejected never runs', async () => {
  await using flow = await startFlow({ fleet: unevenFleet(), policy: briskSpec() });
  const withdrawn = await flow.makePlan();
  await flow.cli.run(['shards', 'rebalance', 'cancel', withdrawn.id, '--yes'], { as: 'ann' });
  expect((await flow.plan(withdrawn.id)).status).toBe(PlanStatus.CANCELLED);
  const unwanted = await flow.makePlan();
  await flow.cli.run(['shards', 'rebalance', 'reject', unwanted.id, '--yes', '--reason', 'too many'], {
    as: 'bob',
  });
  expect((await flow.plan(unwanted.id)).status).toBe(PlanStatus.REJECTED);

  for (const plan of [withdrawn, unwanted]) {
    expect((await flow.refusedApproval(plan, 'bob', 5))[0]?.code).toBe('PLAN_STATUS');
  }
  expect((await flow.fleet()).executedMoves).toBe(0);
});

test('a running plan is paused, resumed and cancelled; what it had moved stays moved', async () => {
  const policy = briskSpec({ dimensions: byMemoryOnly, concurrency: { namespace: 2, perNodeOut: 2 } });
  // Slow copies, so that there is something to pause.
  await using flow = await startFlow({ fleet: unevenFleet(12), policy });
  const done = async (id: string) => Number((await flow.plan(id)).progress?.done ?? 0n);
  const plan = await flow.makePlan();
  await flow.approve(plan);
  await waitFor('the first moves to end', patienceMs, async () => (await done(plan.id)) >= 2);
  const watch = flow.cli.begin(['shards', 'rebalance', 'watch', plan.id]);

  await flow.cli.run(['shards', 'rebalance', 'pause', plan.id, '--reason', 'a look'], { as: 'ann' });
  await flow.planReaches(plan.id, PlanStatus.PAUSED);
  await waitFor('moves in flight to end', patienceMs, async () => (await flow.fleet()).concurrentMoves === 0);
  const atPause = (await flow.fleet()).executedMoves;
  await flow.cli.run(['controllers', 'evaluate']);
  expect((await flow.fleet()).executedMoves).toBe(atPause);

  await flow.cli.run(['shards', 'rebalance', 'resume', plan.id], { as: 'ann' });
  await waitFor('it to move again', patienceMs, async () => (await flow.fleet()).executedMoves > atPause);
  await flow.cli.run(['shards', 'rebalance', 'cancel', plan.id, '--yes', '--abort'], { as: 'bob' });
  const cancelled = await flow.planReaches(plan.id, PlanStatus.CANCELLED);
  const watched = await watch.answer;
  expect(watched.code).toBe(8);
  expect(watched.stderr).toContain(
    `plan ${plan.id} is paused: PLAN_PAUSED: ann paused it: a look\n  → Resume`,
  );
  const stats = await flow.fleet();
  expect(stats.concurrentMoves).toBe(0);
  expect(cancelled.progress?.done).toBeLessThan(cancelled.summary?.moves ?? 0n);
  expect(BigInt(stats.executedMoves)).toBe(cancelled.progress?.done ?? -1n);
  expect(stats.minHealthyReplicas).toBeGreaterThanOrEqual(2);
});
