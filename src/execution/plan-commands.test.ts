import { describe, expect, test } from 'bun:test';
import type { Plan } from '../domain/plan.ts';
import { noFaults } from '../simulator/fleet-faults.ts';
import { createStage, finish, neverAborts, operator, type Stage, usualMoves } from './execution.testing.ts';
import { foldJournal } from './journal.ts';
import { createPlanExecutor, type PlanExecutor } from './plan-executor.ts';

interface Begun {
  readonly stage: Stage;
  readonly executor: PlanExecutor;
  readonly execution: Promise<Plan>;
  readonly stop: AbortController;
}

/** A plan whose first moves are copying: two at once, 64 MiB each at 64 MiB/s. */
async function begin(): Promise<Begun> {
  const stage = await createStage();
  await stage.addPlan(usualMoves());
  const executor = createPlanExecutor(stage.deps);
  const stop = new AbortController();
  const execution = executor.execute('plan-1', stop.signal);
  await stage.clock.advance(400);
  return { stage, executor, execution, stop };
}

async function statesOf(stage: Stage): Promise<string[]> {
  return foldJournal(usualMoves(), await stage.store.journal('plan-1')).map((each) => each.state);
}

describe('pausing', () => {
  test('lets the moves in flight end, starts no others, and goes on when told to', async () => {
    const { stage, executor, execution } = await begin();
    const paused = await executor.pause('plan-1', operator);
    expect(paused.ok && [paused.value.status, paused.value.outcome?.code]).toEqual(['paused', 'PLAN_PAUSED']);
    await stage.clock.advance(60_000);
    expect((await stage.store.plan('plan-1'))?.status).toBe('paused');
    expect(await statesOf(stage)).toEqual(['done', 'done', 'pending', 'pending', 'pending']);
    const resumed = await executor.resume('plan-1', operator);
    expect(resumed.ok && [resumed.value.status, resumed.value.outcome]).toEqual(['executing', null]);
    expect((await finish(stage, execution)).status).toBe('completed');
  });

  test('survives a restart', async () => {
    const { stage, executor, stop } = await begin();
    await executor.pause('plan-1', operator);
    await stage.clock.advance(30_000);
    stop.abort();
    await stage.clock.advance(1_000);
    const restarted = createPlanExecutor(stage.deps);
    const execution = restarted.execute('plan-1', neverAborts);
    await stage.clock.advance(30_000);
    expect(await statesOf(stage)).toEqual(['done', 'done', 'pending', 'pending', 'pending']);
    await restarted.resume('plan-1', operator);
    expect((await finish(stage, execution)).status).toBe('completed');
  });

  test('is refused for a plan that is paused already', async () => {
    const { executor } = await begin();
    await executor.pause('plan-1', operator);
    const again = await executor.pause('plan-1', operator);
    expect(!again.ok && again.error.code).toBe('PLAN_STATUS');
  });

  test('is refused for a plan that nobody executes', async () => {
    const stage = await createStage();
    const answer = await createPlanExecutor(stage.deps).pause('plan-9', operator);
    expect(!answer.ok && answer.error.code).toBe('PLAN_STATUS');
  });

  test('is recorded with who asked, and why', async () => {
    const { stage, executor } = await begin();
    await executor.pause('plan-1', operator);
    const [record] = await stage.store.auditRecords({ limit: 10, action: 'plan.pause' });
    expect(record).toMatchObject({ actor: 'olga', reason: 'because', outcome: 'PLAN_PAUSED' });
  });
});

describe('cancelling', () => {
  test('lets the moves in flight finish when asked so', async () => {
    const { stage, executor, execution } = await begin();
    const answer = await executor.cancel('plan-1', 'finish', operator);
    expect(answer.ok && [answer.value.status, answer.value.outcome?.code]).toEqual([
      'paused',
      'PLAN_CANCELLING',
    ]);
    const plan = await finish(stage, execution);
    expect([plan.status, plan.outcome?.code]).toEqual(['cancelled', 'PLAN_CANCELLED']);
    const states = await statesOf(stage);
    expect(states).not.toContain('running');
    expect(states.slice(3)).toEqual(['pending', 'pending']);
    expect(states.filter((state) => state === 'done').length).toBeGreaterThan(1);
  });

  test('undoes the moves in flight that have not transferred when asked so', async () => {
    const { stage, executor, execution } = await begin();
    await executor.cancel('plan-1', 'abort', operator);
    const plan = await finish(stage, execution);
    expect(plan.status).toBe('cancelled');
    expect((await statesOf(stage)).slice(0, 2)).toEqual(['aborted', 'aborted']);
    expect(stage.nodeOf('s00', 0)).toBe('a1');
    expect(stage.fleet.statistics.read().concurrentMoves).toBe(0);
    expect(stage.fleet.statistics.read().moves.get('plan-1/m00001')?.aborts).toBe(1);
  });

  test('that waits for moves to finish undoes them when asked for that later', async () => {
    const { stage, executor, execution } = await begin();
    stage.faults.set({ ...noFaults, stallPrepares: true });
    await executor.cancel('plan-1', 'finish', operator);
    await stage.clock.advance(5_000);
    const answer = await executor.cancel('plan-1', 'abort', operator);
    expect(answer.ok && answer.value.outcome?.message).toContain('are undone first');
    const plan = await finish(stage, execution);
    expect(plan.status).toBe('cancelled');
    expect((await statesOf(stage)).slice(0, 2)).toEqual(['aborted', 'aborted']);
  });

  test('that undoes moves goes on doing so when asked to let them finish', async () => {
    const { stage, executor, execution } = await begin();
    await executor.cancel('plan-1', 'abort', operator);
    await executor.cancel('plan-1', 'finish', operator);
    expect((await finish(stage, execution)).status).toBe('cancelled');
    expect((await statesOf(stage)).slice(0, 2)).toEqual(['aborted', 'aborted']);
  });

  test('goes on after a restart, in the name of who asked', async () => {
    const { stage, executor, execution: first, stop } = await begin();
    await executor.cancel('plan-1', 'finish', operator);
    stop.abort();
    expect((await finish(stage, first)).status).toBe('paused');
    const execution = createPlanExecutor(stage.deps).execute('plan-1', neverAborts);
    const plan = await finish(stage, execution);
    expect(plan.status).toBe('cancelled');
    const records = await stage.store.auditRecords({ limit: 10, action: 'plan.cancel' });
    expect(records.map((record) => record.actor)).toEqual(['olga', 'olga']);
  });

  test('works on a paused plan, at once when nothing is in flight', async () => {
    const { stage, executor, execution } = await begin();
    await executor.pause('plan-1', operator);
    await stage.clock.advance(30_000);
    const answer = await executor.cancel('plan-1', 'finish', operator);
    expect(answer.ok && answer.value.status).toBe('cancelled');
    expect((await finish(stage, execution)).status).toBe('cancelled');
  });

  test('works on a plan that pauses while its moves finish', async () => {
    const { stage, executor, execution } = await begin();
    await executor.pause('plan-1', operator);
    const answer = await executor.cancel('plan-1', 'abort', operator);
    expect(answer.ok && [answer.value.status, answer.value.outcome?.code]).toEqual([
      'paused',
      'PLAN_CANCELLING',
    ]);
    expect((await finish(stage, execution)).status).toBe('cancelled');
  });

  test('cannot be taken back by resuming', async () => {
    const { executor } = await begin();
    await executor.cancel('plan-1', 'finish', operator);
    const resumed = await executor.resume('plan-1', operator);
    expect(!resumed.ok && resumed.error.code).toBe('PLAN_STATUS');
  });

  test('ends a plan that still waits for its guardrails', async () => {
    const stage = await createStage();
    stage.blind = true;
    await stage.addPlan(usualMoves());
    const executor = createPlanExecutor(stage.deps);
    const execution = executor.execute('plan-1', neverAborts);
    await stage.clock.advance(1_000);
    const answer = await executor.cancel('plan-1', 'finish', operator);
    expect(answer.ok && answer.value.status).toBe('cancelled');
    expect((await finish(stage, execution)).status).toBe('cancelled');
    expect(stage.fleet.statistics.read().moves.size).toBe(0);
  });
});

describe('making way for a more urgent plan', () => {
  const outcome = { code: 'PLAN_OUTRANKED', message: 'nodes were lost: b9', remedy: 'Nothing.' } as const;

  test('lets the moves in flight end, starts no other, and supersedes the plan in the service’s name', async () => {
    const { stage, executor, execution } = await begin();
    executor.supersede('plan-1', outcome);
    const plan = await finish(stage, execution);
    expect(plan).toMatchObject({ status: 'superseded', outcome });
    const states = await statesOf(stage);
    expect(states).not.toContain('running');
    expect(states.slice(3)).toEqual(['pending', 'pending']);
    expect(stage.fleet.statistics.read().concurrentMoves).toBe(0);
    const [record] = await stage.store.auditRecords({ limit: 10, action: 'plan.supersede' });
    expect(record).toMatchObject({ actor: 'meshkit-rebalancer', outcome: 'PLAN_OUTRANKED' });
  });

  test('ends a paused plan as well', async () => {
    const { stage, executor, execution } = await begin();
    await executor.pause('plan-1', operator);
    executor.supersede('plan-1', outcome);
    expect((await finish(stage, execution)).status).toBe('superseded');
  });

  test('does not take the word back from somebody who cancelled it before', async () => {
    const { stage, executor, execution } = await begin();
    await executor.cancel('plan-1', 'finish', operator);
    executor.supersede('plan-1', outcome);
    expect((await finish(stage, execution)).status).toBe('cancelled');
  });

  test('is nothing for a plan that nobody executes', async () => {
    const stage = await createStage();
    createPlanExecutor(stage.deps).supersede('plan-9', outcome);
    expect(await stage.store.plan('plan-9')).toBeUndefined();
  });
});
