import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Plan } from '../domain/plan.ts';
import {
  applyPolicy,
  type Bench,
  by,
  cluster,
  createBench,
  namespace,
  request,
  value,
} from './rebalancer.testing.ts';
import { nextWarmStart, warmStartOf } from './warm-start.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await createBench({
    fleet: { peakToMean: 1.6 },
    policy: { triggers: { confirmationMs: 3_600_000 } },
  });
});
afterEach(() => bench.stop());

const create = async (change: Parameters<typeof request>[0] = {}) =>
  value(await bench.core().plans.create(request(change), by('ann')));

const next = () => nextWarmStart(bench.store, cluster, namespace, bench.clock.now());

/** Stores the plan as if it had come to that. */
async function become(plan: Plan, change: Partial<Plan>): Promise<void> {
  const stored = await bench.plan(plan.id);
  const committed = await bench.store.commit({
    plans: [{ ...stored, ...change, revision: stored.revision + 1 }],
  });
  expect(committed.ok).toBe(true);
}

const outcome = { code: 'PLAN_EXPIRED', message: 'late', remedy: '' };

describe('what the next plan begins with', () => {
  test.each(['pendingApproval', 'superseded', 'expired', 'failed'] as const)(
    'the moves of a plan that is %s, in their order',
    async (status) => {
      const { plan, moves } = await create();
      if (status !== 'pendingApproval') await become(plan, { status, outcome, endedAt: bench.clock.now() });
      const warm = await next();
      expect(warm?.planId).toBe(plan.id);
      const of = (move: { shard: string; destination: string }) => [move.shard, move.destination];
      expect(warm?.moves.map(of)).toEqual(moves.map(of));
    },
  );

  test.each(['rejected', 'cancelled', 'completed', 'executing', 'rollingBack', 'rolledBack'] as const)(
    'nothing of a plan that is %s',
    async (status) => {
      const { plan } = await create();
      await become(plan, { status, outcome });
      expect(await next()).toBeUndefined();
    },
  );

  test('what a started plan made, and what failed, is left out; the rest is what it was', async () => {
    const { plan, moves } = await create();
    const at = bench.clock.now();
    await become(plan, { status: 'failed', outcome, startedAt: at, endedAt: at });
    const entry = {
      planId: plan.id,
      at,
      kind: 'ended',
      step: null,
      attempt: 1,
      version: 0,
      fencingToken: 1,
      failure: null,
    } as const;
    const states = ['done', 'failed', 'aborted'] as const;
    const journal = states.map((state, place) => ({ ...entry, moveId: moves[place].id, state }));
    expect((await bench.store.commit({ journal })).ok).toBe(true);
    expect((await next())?.moves.map((move) => move.shard)).toEqual(moves.slice(2).map((move) => move.shard));
  });

  test('nothing of dry runs, of moves that were given, and of what ended more than a day ago', async () => {
    await create({ dryRun: true });
    expect(await next()).toBeUndefined();
    const { plan } = await create();
    await become(plan, { status: 'expired', outcome, endedAt: bench.clock.now() - 86_400_001 });
    expect(await next()).toBeUndefined();
    await become(plan, { kind: 'manual', endedAt: bench.clock.now() });
    expect(await next()).toBeUndefined();
  });
});

describe('a plan that was warmed', () => {
  test('names the plan it comes from, agrees with it, and is explained from what it began with', async () => {
    const first = await create();
    const { plan, moves } = await create({ dryRun: true, seed: 77 });
    expect(plan.warmStartedFrom).toBe(first.plan.id);
    const of = (move: { shard: string; replica: number; destination: string }) =>
      `${move.shard}/${move.replica} ${move.destination}`;
    const firsts = new Set(first.moves.map(of));
    expect(moves.filter((move) => firsts.has(of(move))).length).toBeGreaterThan(0.9 * firsts.size);
    const rebuilt = await warmStartOf(bench.store, plan);
    expect(rebuilt.map(of)).toEqual(first.moves.map(of));
    await become(first.plan, { status: 'executing', startedAt: bench.clock.now() + 1 });
    expect(await warmStartOf(bench.store, plan)).toEqual(rebuilt);
    value(await bench.core().plans.explain(plan.id, { kind: 'shard', id: moves[0].shard }, 3));
  });

  test('replaces one that the policy has made old', async () => {
    const first = await create();
    await applyPolicy(bench, { budget: { maxMoves: 500 } });
    await bench.clock.advance(2_000);
    expect((await bench.plan(first.plan.id)).status).toBe('superseded');
    const second = await create();
    expect(second.plan.warmStartedFrom).toBe(first.plan.id);
  });

  test('a what-if begins cold', async () => {
    const ask = () =>
      bench
        .core()
        .plans.whatIf(
          { namespace, changes: [{ kind: 'drainNodes', nodes: { node: 'n0001', zone: '' } }], seed: 1 },
          by('ann'),
        );
    const { moves } = value(await ask());
    await create();
    expect(value(await ask()).moves.map((move) => move.id)).toEqual(moves.map((move) => move.id));
  });
});
