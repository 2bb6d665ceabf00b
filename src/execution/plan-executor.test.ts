import { describe, expect, test } from 'bun:test';
import type { Plan } from '../domain/plan.ts';
import type { ExecutionPolicy } from '../domain/policy.ts';
import type { MoverCall } from '../ports/shard-mover.ts';
import {
  createStage,
  finish,
  leadershipTransfer,
  neverAborts,
  relocation,
  type Stage,
  usualMoves,
} from './execution.testing.ts';
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

/** A change of the shard that the plan knows nothing of: another mover moves replica 2. */
function interfere(stage: Stage, shard: string, replica: number, destination: string): void {
  const zone = ['a', 'b', 'c'][replica];
  const call: MoverCall = {
    moveKey: `other/${shard}`,
    namespace: 'orders',
    shard,
    kind: 'relocate',
    replica,
    successor: replica,
    source: `${zone}1`,
    destination,
    expectedVersion: 1,
    fencingToken: 0,
    changeTicket: '',
  };
  const { moves, copies, state } = stage.fleet;
  moves.prepare(call);
  copies.refresh();
  // Behind the mover's back, so that nothing has to be waited for.
  const index = state.shardIndex.get(shard) ?? -1;
  moves.abort(call);
  stage.fleet.registry.record(index, { actor: 'other', reason: '', changeTicket: '' }, () => {
    const row = index * 3 + replica;
    state.replicaNodes[row] = state.nodeIndex.get(destination) ?? -1;
  });
}

describe('a plan that nothing disturbs', () => {
  test('completes, with every replica where it was to go', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    const plan = await run(stage);
    expect(plan.status).toBe('completed');
    expect(plan.outcome).toBeNull();
    expect(plan.progress).toMatchObject({ done: 5, pending: 0, running: 0, remaining: null });
    expect([stage.nodeOf('s00', 0), stage.nodeOf('s00', 1), stage.nodeOf('s03', 2)]).toEqual([
      'a2',
      'b2',
      'c2',
    ]);
    expect(stage.version('s00')).toBe(3);
    expect(stage.gate.inFlight()).toBe(0);
  });

  test('keeps the fleet after it, taken when the last move had ended', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    const plan = await run(stage);
    const after = await stage.store.snapshot(plan.afterSnapshotDigest);
    const ends = (await stage.store.journal('plan-1')).map((entry) => entry.at);
    expect(after?.takenAt).toBeGreaterThanOrEqual(Math.max(...ends));
  });

  test('begins a wave only when the one before has ended', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    await run(stage);
    const progress = foldJournal(usualMoves(), await stage.store.journal('plan-1'));
    const firstWaveEnd = Math.max(...progress.slice(0, 3).map((each) => each.endedAt));
    const secondWaveStart = Math.min(...progress.slice(3).map((each) => each.startedAt));
    expect(secondWaveStart).toBeGreaterThanOrEqual(firstWaveEnd);
  });

  test('makes every intent durable before its call', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    const unannounced: string[] = [];
    const { mover } = stage.ports;
    const check = async (step: string, call: MoverCall): Promise<void> => {
      const entries = await stage.store.journal('plan-1');
      const moveId = call.moveKey.split('/')[1];
      const last = entries.filter((entry) => entry.moveId === moveId).at(-1);
      if (last?.kind !== 'intended' || last.step !== step) unannounced.push(`${step} of ${moveId}`);
    };
    const watched = {
      ...mover,
      prepare: async (call: MoverCall, signal: AbortSignal) => {
        await check('prepare', call);
        return mover.prepare(call, signal);
      },
      transfer: async (call: MoverCall, signal: AbortSignal) => {
        await check('transfer', call);
        return mover.transfer(call, signal);
      },
      release: async (call: MoverCall, signal: AbortSignal) => {
        await check('release', call);
        return mover.release(call, signal);
      },
    };
    await finish(stage, createPlanExecutor({ ...stage.deps, mover: watched }).execute('plan-1', neverAborts));
    expect(unannounced).toEqual([]);
  });

  test('leaves a record, an event and a trace of each move', async () => {
    const stage = await createStage();
    const plan = await stage.addPlan(usualMoves());
    await run(stage);
    const records = await stage.store.auditRecords({ limit: 100, subject: 'plan/plan-1' });
    const actions = records.map((record) => record.action);
    expect(actions[0]).toBe('plan.start');
    expect(actions.at(-1)).toBe('plan.complete');
    expect(actions.filter((action) => action === 'move.completed')).toHaveLength(5);
    const events = await stage.store.events({ after: 0, limit: 1_000 });
    const types = events.ok ? events.value.map((event) => event.type) : [];
    expect(types.filter((type) => type === 'moveStarted')).toHaveLength(5);
    expect(types.filter((type) => type === 'moveEnded')).toHaveLength(5);
    expect(types).toContain('planProgress');
    const traces = await stage.store.moveTraces(plan.cluster, plan.namespace, 0);
    expect(traces.map((trace) => trace.moveId).sort()).toEqual(usualMoves().map((move) => move.id));
  });

  test('never has more moves in flight than policy allows', async () => {
    const stage = await createStage({ shards: 12 });
    const moves = Array.from({ length: 12 }, (_, i) =>
      relocation(i, 0, `s${String(i).padStart(2, '0')}`, 0, 'a2'),
    );
    await stage.addPlan(moves);
    expect((await run(stage)).status).toBe('completed');
    expect(stage.fleet.statistics.read().maxConcurrentMoves).toBe(3);
  });
});

describe('a plan whose content is not what was approved', () => {
  test('is refused before anything is called', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves(), { kind: 'rebalance', policyRevision: 2 });
    const plan = await run(stage);
    expect([plan.status, plan.outcome?.code]).toEqual(['failed', 'PLAN_DIGEST_MISMATCH']);
    expect(stage.fleet.statistics.read().moves.size).toBe(0);
  });
});

describe('a world that is not the one planned for', () => {
  test('stops the move with the difference shown, and fails the plan', async () => {
    const stage = await createStage();
    interfere(stage, 's03', 1, 'b2');
    await stage.addPlan(usualMoves());
    const plan = await run(stage);
    expect([plan.status, plan.outcome?.code]).toEqual(['failed', 'PLAN_DRIFTED']);
    expect(plan.outcome?.message).toContain('shard s03 is in version 2, the plan expects 1');
    expect(await statesOf(stage)).toEqual(['done', 'done', 'done', 'done', 'failed']);
  });

  test('supersedes the plan where policy wants to look anew', async () => {
    const stage = await createStage();
    tune(stage, { onDrift: 'supersede' });
    interfere(stage, 's01', 2, 'c2');
    await stage.addPlan(usualMoves());
    const plan = await run(stage);
    expect([plan.status, plan.outcome?.code]).toEqual(['superseded', 'PLAN_DRIFTED']);
    expect((await statesOf(stage)).slice(3)).toEqual(['pending', 'pending']);
  });

  test('skips a move whose replica is in its place already, and still completes', async () => {
    const stage = await createStage();
    interfere(stage, 's03', 2, 'c2');
    await stage.addPlan(usualMoves());
    const plan = await run(stage);
    expect(plan.status).toBe('completed');
    expect(await statesOf(stage)).toEqual(['done', 'done', 'done', 'done', 'skipped']);
    expect(stage.fleet.statistics.read().moves.has('plan-1/m00005')).toBe(false);
  });
});

describe('a lease that is lost', () => {
  test('stops the execution at once: no write, no call', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    const execution = createPlanExecutor(stage.deps).execute('plan-1', neverAborts);
    await stage.clock.advance(300);
    const lease = { name: stage.fence.lease, owner: 'one', token: stage.fence.token, expiresAt: 0 };
    await stage.store.releaseLease(lease);
    await stage.store.acquireLease({ name: lease.name, owner: 'two', ttlMs: 60_000, now: stage.clock.now() });
    const entries = (await stage.store.journal('plan-1')).length;
    const plan = await finish(stage, execution);
    expect(plan.status).toBe('executing');
    expect(await stage.store.journal('plan-1')).toHaveLength(entries);
    const calls = [...stage.fleet.statistics.read().moves.values()].map((each) => each.calls);
    await stage.clock.advance(10_000);
    expect([...stage.fleet.statistics.read().moves.values()].map((each) => each.calls)).toEqual(calls);
  });

  test('stops it as well when the fleet knows first', async () => {
    const stage = await createStage();
    await stage.addPlan([leadershipTransfer(1, 0, 's00', 1)]);
    stage.fleet.moves.transfer({
      moveKey: 'other/m1',
      namespace: 'orders',
      shard: 's05',
      kind: 'transferLeadership',
      replica: 0,
      successor: 1,
      source: 'a1',
      destination: 'b1',
      expectedVersion: 1,
      fencingToken: stage.fence.token + 1,
      changeTicket: '',
    });
    const plan = await run(stage);
    expect(plan.status).toBe('executing');
    expect(stage.nodeOf('s00', 0)).toBe('a1');
    expect((await stage.store.journal('plan-1')).map((entry) => entry.kind)).toEqual(['intended']);
  });
});

describe('a service that stops', () => {
  test('leaves the plan executing, and goes on with it later', async () => {
    const stage = await createStage();
    await stage.addPlan(usualMoves());
    const stop = new AbortController();
    const execution = createPlanExecutor(stage.deps).execute('plan-1', stop.signal);
    await stage.clock.advance(400);
    stop.abort();
    expect((await finish(stage, execution)).status).toBe('executing');
    expect(stage.gate.inFlight()).toBe(0);
    expect((await run(stage)).status).toBe('completed');
    expect(stage.fleet.statistics.read().repeatedEffects).toBe(0);
  });
});

describe('a drain', () => {
  test('fails when its deadline passes', async () => {
    const stage = await createStage();
    tune(stage, { drainTimeoutMs: 2_000 });
    await stage.addPlan(usualMoves(), { kind: 'drain' });
    const plan = await run(stage);
    expect([plan.status, plan.outcome?.code]).toEqual(['failed', 'DRAIN_TIMEOUT']);
  });
});
