import { describe, expect, test } from 'bun:test';
import { genesisHash } from '../audit/seal-record.ts';
import { verifyChain } from '../audit/verify-chain.ts';
import { createRandom } from '../base/random.ts';
import { noFaults } from '../simulator/fleet-faults.ts';
import { createClusterGate } from './cluster-gate.ts';
import { mortal } from './crash.testing.ts';
import {
  createStage,
  finish,
  leadershipTransfer,
  neverAborts,
  operator,
  relocation,
  type Stage,
} from './execution.testing.ts';
import type { ExecutionDeps, Fence } from './execution-deps.ts';
import { foldJournal } from './journal.ts';
import { createPlanExecutor, type PlanExecutor } from './plan-executor.ts';

/** A relocation of a shard twice, another beside it, and a leadership transfer. */
const moves = [
  relocation(1, 0, 's00', 0, 'a2'),
  leadershipTransfer(2, 0, 's02', 2),
  { ...relocation(3, 1, 's00', 1, 'b2'), expectedVersion: -1 },
];

/** Another process gets the lease, and with it a newer fencing token. */
async function leaseTo(stage: Stage, owner: string, from: Fence): Promise<ExecutionDeps> {
  const { lease: name, token } = from;
  await stage.store.releaseLease({ name, owner: from.owner, token, expiresAt: 0 });
  const lease = await stage.store.acquireLease({ name, owner, ttlMs: 3_600_000, now: stage.clock.now() });
  if (!lease.ok) throw new Error(lease.error.message);
  const fence = { lease: name, token: lease.value.token, owner };
  return { ...stage.deps, fence: () => fence, clusterGate: createClusterGate() };
}

async function takeOver(stage: Stage): Promise<PlanExecutor> {
  return createPlanExecutor(await leaseTo(stage, 'two', stage.fence));
}

/** Runs until the k-th call kills it, then a second process to the end. False when it ended before its k-th call. */
async function dieAndGoOn(stage: Stage, killAt: number, carriedOut: boolean): Promise<boolean> {
  await stage.addPlan(moves);
  const first = mortal(stage.deps, killAt, carriedOut);
  let ended = false;
  createPlanExecutor(first.deps)
    .execute('plan-1', neverAborts)
    .then(() => {
      ended = true;
    });
  await stage.clock.advanceUntil(() => first.died() || ended, 600_000);
  if (ended) return false;
  // What the fleet does by itself goes on while nobody is there.
  await stage.clock.advance(700);

  const second = await takeOver(stage);
  const plan = await finish(stage, second.execute('plan-1', neverAborts));
  expect({ killAt, status: plan.status, outcome: plan.outcome }).toEqual({
    killAt,
    status: 'completed',
    outcome: null,
  });
  return true;
}

async function checkWhatCameOfIt(stage: Stage, killAt: number): Promise<void> {
  const counters = stage.fleet.statistics.read();
  const transfers = moves.map((move) => counters.moves.get(`plan-1/${move.id}`)?.transfers);
  expect({ killAt, transfers, repeated: counters.repeatedEffects }).toEqual({
    killAt,
    transfers: [1, 1, 1],
    repeated: 0,
  });
  expect(counters.minHealthyReplicas).toBe(3);
  expect(counters.concurrentMoves).toBe(0);
  expect(counters.maxConcurrentMoves).toBeLessThanOrEqual(3);
  expect([stage.nodeOf('s00', 0), stage.nodeOf('s00', 1)]).toEqual(['a2', 'b2']);
  const records = await stage.store.auditRecords({ limit: 10_000 });
  expect(verifyChain(records, genesisHash).ok).toBe(true);
  const ends = records
    .filter((record) => record.action === 'move.completed')
    .map((record) => record.details.move);
  expect(ends.sort()).toEqual(moves.map((move) => move.id));
}

describe('a service that is killed while a plan runs', () => {
  for (const carriedOut of [false, true]) {
    const when = carriedOut ? 'after' : 'before';
    test(`goes on wherever it died, ${when} the call took effect, and no move runs twice`, async () => {
      let killAt = 1;
      for (; killAt < 200; killAt++) {
        const stage = await createStage({ behaviour: { copyBytesPerSecond: 2 ** 30, drainMs: 20 } });
        const died = await dieAndGoOn(stage, killAt, carriedOut);
        await checkWhatCameOfIt(stage, killAt);
        await stage.store.close();
        if (!died) break;
      }
      // Every call of an undisturbed run was the fatal one once.
      expect(killAt).toBeGreaterThan(25);
      expect(killAt).toBeLessThan(200);
    }, 60_000);
  }

  test('does so over a network that loses, repeats and delays', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const stage = await createStage({ seed, behaviour: { copyBytesPerSecond: 2 ** 30, drainMs: 20 } });
      const { execution } = stage.policy;
      stage.policy = { ...stage.policy, execution: { ...execution, maxAttempts: 8, moveTimeoutMs: 600_000 } };
      stage.faults.set({
        ...noFaults,
        dropAnswerShare: 0.2,
        dropRequestShare: 0.2,
        duplicateShare: 0.2,
        delayShare: 0.3,
        delayMs: 300,
      });
      await dieAndGoOn(stage, seed, seed % 2 === 0);
      await checkWhatCameOfIt(stage, seed);
      await stage.store.close();
    }
  }, 60_000);

  test('does so when those that take over die as well', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const stage = await createStage({ seed, behaviour: { copyBytesPerSecond: 2 ** 30, drainMs: 20 } });
      const random = createRandom(seed);
      await stage.addPlan(moves);
      let deps = stage.deps;
      for (let life = 1; life <= 5; life++) {
        const process = mortal(deps, 1 + random.integer(12), random.next() < 0.5);
        let ended = false;
        createPlanExecutor(process.deps)
          .execute('plan-1', neverAborts)
          .then(() => {
            ended = true;
          });
        await stage.clock.advanceUntil(() => process.died() || ended, 600_000);
        deps = await leaseTo(stage, `life ${life}`, deps.fence());
      }
      const plan = await finish(stage, createPlanExecutor(deps).execute('plan-1', neverAborts));
      expect({ seed, status: plan.status }).toEqual({ seed, status: 'completed' });
      await checkWhatCameOfIt(stage, seed);
      await stage.store.close();
    }
  }, 60_000);

  for (const inFlight of ['abort', 'finish'] as const) {
    test(`goes on cancelling (${inFlight}) wherever it died, and leaves nothing half-done`, async () => {
      let killAt = 1;
      for (; killAt < 200; killAt++) {
        const stage = await createStage();
        await stage.addPlan(moves);
        const first = mortal(stage.deps, killAt, killAt % 2 === 0);
        const executor = createPlanExecutor(first.deps);
        let ended = false;
        executor.execute('plan-1', neverAborts).then(() => {
          ended = true;
        });
        await stage.clock.advance(300);
        // A process that died before it was asked has nothing to go on with.
        const asked = executor.cancel('plan-1', inFlight, operator);
        await stage.clock.advanceUntil(() => first.died() || ended, 600_000);
        if (!ended) await finish(stage, (await takeOver(stage)).execute('plan-1', neverAborts));
        else await asked;
        await checkNothingHalfDone(stage, killAt);
        await stage.store.close();
        if (ended) break;
      }
      expect(killAt).toBeGreaterThan(8);
      expect(killAt).toBeLessThan(200);
    }, 60_000);
  }
});

async function checkNothingHalfDone(stage: Stage, killAt: number): Promise<void> {
  const counters = stage.fleet.statistics.read();
  expect({ killAt, repeated: counters.repeatedEffects, held: counters.concurrentMoves }).toEqual({
    killAt,
    repeated: 0,
    held: 0,
  });
  const plan = await stage.store.plan('plan-1');
  expect(['cancelled', 'completed']).toContain(plan?.status ?? 'none');
  for (const { moveId, state } of foldJournal(moves, await stage.store.journal('plan-1'))) {
    const transfers = counters.moves.get(`plan-1/${moveId}`)?.transfers ?? 0;
    expect({ killAt, moveId, state, transfers }).toEqual({
      killAt,
      moveId,
      state: transfers === 1 ? 'done' : state === 'aborted' ? 'aborted' : 'pending',
      transfers: transfers === 1 ? 1 : 0,
    });
  }
}
