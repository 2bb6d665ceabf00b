import { describe, expect, test } from 'bun:test';
import { genesisHash } from '../audit/seal-record.ts';
import { verifyChain } from '../audit/verify-chain.ts';
import { createClusterGate } from './cluster-gate.ts';
import { mortal } from './crash.testing.ts';
import {
  createStage,
  finish,
  leadershipTransfer,
  namespace,
  neverAborts,
  relocation,
  type Stage,
} from './execution.testing.ts';
import { createPlanExecutor } from './plan-executor.ts';

/** A relocation of a shard twice, another beside it, and a leadership transfer. */
const moves = [
  relocation(1, 0, 's00', 0, 'a2'),
  leadershipTransfer(2, 0, 's02', 2),
  { ...relocation(3, 1, 's00', 1, 'b2'), expectedVersion: -1 },
];

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

  await stage.store.releaseLease({
    name: `namespace/${namespace}`,
    owner: 'one',
    token: stage.fence.token,
    expiresAt: 0,
  });
  const lease = await stage.store.acquireLease({
    name: `namespace/${namespace}`,
    owner: 'two',
    ttlMs: 3_600_000,
    now: stage.clock.now(),
  });
  if (!lease.ok) throw new Error(lease.error.message);
  const fence = { lease: lease.value.name, token: lease.value.token, owner: 'two' };
  const second = createPlanExecutor({
    ...stage.deps,
    fence: () => fence,
    clusterGate: createClusterGate(),
  });
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
});
