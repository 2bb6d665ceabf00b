import { describe, expect, test } from 'bun:test';
import { err } from '../base/result.ts';
import type { Plan } from '../domain/plan.ts';
import type { ExecutionPolicy } from '../domain/policy.ts';
import type { MoverCall } from '../ports/shard-mover.ts';
import type { CommitBatch } from '../ports/store.ts';
import { noFaults } from '../simulator/fleet-faults.ts';
import { createStage, finish, neverAborts, relocation, type Stage, usualMoves } from './execution.testing.ts';
import { foldJournal } from './journal.ts';
import { createPlanExecutor } from './plan-executor.ts';

function run(stage: Stage): Promise<Plan> {
  return finish(stage, createPlanExecutor(stage.deps).execute('plan-1', neverAborts));
}

function tune(stage: Stage, execution: Partial<ExecutionPolicy>): void {
  stage.policy = { ...stage.policy, execution: { ...stage.policy.execution, ...execution } };
}

async function statesOf(stage: Stage, moves = usualMoves()): Promise<string[]> {
  return foldJournal(moves, await stage.store.journal('plan-1')).map((each) => each.state);
}

describe('a fleet that refuses', () => {
  test('fails the move, undoes what was prepared, and fails the plan', async () => {
    const stage = await createStage();
    stage.faults.set({ ...noFaults, refuseStep: 'drain', refuseShare: 1 });
    await stage.addPlan(usualMoves());
    const plan = await run(stage);
    expect([plan.status, plan.outcome?.code]).toEqual(['failed', 'PLAN_TOO_MANY_FAILED_MOVES']);
    const counters = stage.fleet.statistics.read();
    expect(counters.moves.get('plan-1/m00001')).toMatchObject({ prepares: 1, aborts: 1, transfers: 0 });
    expect(counters.concurrentMoves).toBe(0);
  });

  test('is asked again when it says that it may work later', async () => {
    const stage = await createStage();
    stage.faults.set({ ...noFaults, refuseStep: 'transfer', refuseShare: 1, refuseRetryable: true });
    await stage.addPlan(usualMoves());
    expect((await run(stage)).status).toBe('completed');
    const entries = await stage.store.journal('plan-1');
    const attempts = entries.filter((entry) => entry.kind === 'intended' && entry.step === 'transfer');
    expect(attempts.map((entry) => entry.attempt).sort()).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  });

  test('lets the plan run to its end within the tolerance, which then says what is missing', async () => {
    const stage = await createStage();
    tune(stage, { maxFailedMoves: 10 });
    stage.faults.set({ ...noFaults, refuseStep: 'prepare', refuseShare: 1 });
    await stage.addPlan(usualMoves());
    const plan = await run(stage);
    expect([plan.status, plan.outcome?.code]).toEqual(['failed', 'PLAN_INCOMPLETE']);
    // The shard's second move builds on the first one, which failed.
    expect(await statesOf(stage)).toEqual(['failed', 'failed', 'done', 'skipped', 'failed']);
  });

  test('counts a move as done when only the source was not released, and says so', async () => {
    const stage = await createStage();
    const moves = [relocation(1, 0, 's00', 0, 'a2')];
    stage.faults.set({ ...noFaults, refuseStep: 'release', refuseShare: 1 });
    await stage.addPlan(moves);
    expect((await run(stage)).status).toBe('completed');
    const [first] = foldJournal(moves, await stage.store.journal('plan-1'));
    expect(first).toMatchObject({ state: 'done', failure: { code: 'MOVE_REFUSED' } });
  });
});

describe('a copy that makes no progress', () => {
  test('times out after the step deadline and is undone', async () => {
    const stage = await createStage({ behaviour: { copyBytesPerSecond: 1_000_000 } });
    stage.faults.set({ ...noFaults, stallPrepares: true });
    await stage.addPlan([relocation(1, 0, 's00', 0, 'a2')]);
    const plan = await run(stage);
    expect(plan.status).toBe('failed');
    const [move] = foldJournal([relocation(1, 0, 's00', 0, 'a2')], await stage.store.journal('plan-1'));
    expect(move?.failure?.code).toBe('MOVE_TIMEOUT');
    expect((move?.endedAt ?? 0) - (move?.startedAt ?? 0)).toBeLessThan(15_000);
    expect(stage.fleet.statistics.read().moves.get('plan-1/m00001')?.aborts).toBe(1);
  });

  test('has time as long as it makes progress', async () => {
    // 64 MiB at 4 MiB/s take 16 s, more than the step's deadline of 10 s without progress.
    const stage = await createStage({ behaviour: { copyBytesPerSecond: 4 * 1_048_576 } });
    await stage.addPlan([relocation(1, 0, 's00', 0, 'a2')]);
    expect((await run(stage)).status).toBe('completed');
  });
});

describe('a fleet that cannot be reached', () => {
  test('leaves moves unknown, holds back new ones, and reconciles when it answers', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    const execution = createPlanExecutor(stage.deps).execute('plan-1', neverAborts);
    await stage.clock.advance(300);
    stage.faults.set({ ...noFaults, dropRequestShare: 1 });
    await stage.clock.advance(60_000);
    const unknown = (await statesOf(stage)).filter((state) => state === 'unknown');
    expect(unknown).toHaveLength(2);
    expect((await statesOf(stage))[2]).toBe('pending');
    expect((await stage.store.plan('plan-1'))?.progress.unknown).toBe(unknown.length);
    stage.faults.set(noFaults);
    const plan = await finish(stage, execution);
    expect(stage.fleet.statistics.read().repeatedEffects).toBe(0);
    // The outage outlasted the moves' own deadline only where they had not transferred.
    expect(['completed', 'failed']).toContain(plan.status);
    expect(await statesOf(stage)).not.toContain('unknown');
  });

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`loses, repeats and delays calls, and every transfer still happens once (seed ${seed})`, async () => {
      const stage = await createStage({ seed });
      tune(stage, { maxAttempts: 8, moveTimeoutMs: 600_000 });
      stage.faults.set({
        ...noFaults,
        dropAnswerShare: 0.25,
        dropRequestShare: 0.2,
        duplicateShare: 0.2,
        delayShare: 0.3,
        delayMs: 400,
      });
      await stage.addPlan(usualMoves());
      const plan = await run(stage);
      expect([plan.status, plan.outcome]).toEqual(['completed', null]);
      const counters = stage.fleet.statistics.read();
      expect(usualMoves().map((move) => counters.moves.get(`plan-1/${move.id}`)?.transfers)).toEqual([
        1, 1, 1, 1, 1,
      ]);
      expect(counters.repeatedEffects).toBe(0);
      expect(counters.minHealthyReplicas).toBe(3);
    });
  }
});

describe('a node that dies', () => {
  async function stageWithTolerance(): Promise<Stage> {
    const stage = await createStage();
    stage.policy = { ...stage.policy, incidents: { ...stage.policy.incidents, maxUnhealthyShare: 0.9 } };
    tune(stage, { maxFailedMoves: 10 });
    await stage.addPlan(usualMoves());
    return stage;
  }

  test('keeps a plan with moves to it from starting', async () => {
    const stage = await stageWithTolerance();
    stage.fleet.controls.kill('b2');
    const plan = await run(stage);
    expect([plan.status, plan.outcome?.code]).toEqual(['failed', 'GUARDRAIL_DESTINATION_UNHEALTHY']);
    expect(await statesOf(stage)).toEqual(usualMoves().map(() => 'pending'));
  });

  test('fails the moves to it that have not begun', async () => {
    const stage = await stageWithTolerance();
    const execution = createPlanExecutor(stage.deps).execute('plan-1', neverAborts);
    await stage.clock.advance(10);
    stage.fleet.controls.kill('b2');
    const plan = await finish(stage, execution);
    expect(plan.status).toBe('failed');
    const progress = foldJournal(usualMoves(), await stage.store.journal('plan-1'));
    expect(progress.map((each) => each.state)).toEqual(['done', 'failed', 'done', 'failed', 'done']);
    expect(progress[3]?.failure?.code).toBe('GUARDRAIL_DESTINATION_UNHEALTHY');
  });

  test('lets moves off it complete', async () => {
    const stage = await createStage();
    stage.fleet.controls.kill('a1');
    stage.policy = { ...stage.policy, incidents: { ...stage.policy.incidents, maxUnhealthyShare: 0.9 } };
    await stage.addPlan([relocation(1, 0, 's00', 0, 'a2')], { kind: 'restore' });
    expect((await run(stage)).status).toBe('completed');
    expect(stage.nodeOf('s00', 0)).toBe('a2');
  });
});

describe('a registry that cannot be reached', () => {
  test('pauses the plan before anything is sent, and lets it go on when it answers', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    let reachable = false;
    const problem = { code: 'FLEET_UNREACHABLE', message: 'the fleet does not answer' } as const;
    const registry = {
      ...stage.ports.registry,
      get: async (...call: Parameters<typeof stage.ports.registry.get>) =>
        reachable ? stage.ports.registry.get(...call) : err(problem),
    };
    const execution = createPlanExecutor({ ...stage.deps, registry }).execute('plan-1', neverAborts);
    await stage.clock.advance(60_000);
    const paused = await stage.store.plan('plan-1');
    expect([paused?.status, paused?.outcome?.code]).toEqual(['paused', 'FLEET_UNREACHABLE']);
    expect(await stage.store.journal('plan-1')).toEqual([]);
    // One pause for one outage, however long it lasts.
    expect(await stage.store.auditRecords({ limit: 10, action: 'plan.pause' })).toHaveLength(1);
    reachable = true;
    expect((await finish(stage, execution)).status).toBe('completed');
  });
});

describe('a store that breaks', () => {
  test('ends the execution with its error, after which the plan goes on where it was', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    let commits = 0;
    const store = {
      ...stage.store,
      commit: async (batch: CommitBatch) => {
        if (++commits === 9) throw new Error('the disk is full');
        return stage.store.commit(batch);
      },
    };
    const execution = createPlanExecutor({ ...stage.deps, store }).execute('plan-1', neverAborts);
    // Not `expect(...).rejects`: it waits in a nested turn of bun's event loop, where immediates of the same turn
    // are lost (https://github.com/oven-sh/bun/pull/39103), and the virtual clock lives on immediates.
    const failure = await finish(stage, execution).catch((error: unknown) => error);
    expect(failure).toEqual(new Error('the disk is full'));
    expect(stage.gate.inFlight()).toBe(0);
    expect((await run(stage)).status).toBe('completed');
    expect(stage.fleet.statistics.read().repeatedEffects).toBe(0);
  });
});

describe('a mover that never answers', () => {
  test('is given up call by call, and the move goes on when answers come again', async () => {
    const stage = await createStage();
    await stage.addPlan([relocation(1, 0, 's00', 0, 'a2')]);
    let silent = true;
    const mover = {
      ...stage.ports.mover,
      drain: (call: MoverCall, signal: AbortSignal) =>
        silent ? new Promise<never>(() => {}) : stage.ports.mover.drain(call, signal),
    };
    const execution = createPlanExecutor({ ...stage.deps, mover }).execute('plan-1', neverAborts);
    await stage.clock.advance(15_000);
    silent = false;
    expect((await finish(stage, execution)).status).toBe('completed');
  });
});
