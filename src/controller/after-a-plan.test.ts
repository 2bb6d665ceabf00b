import { afterEach, describe, expect, test } from 'bun:test';
import type { Move } from '../domain/move.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import type { ShardRegistry } from '../ports/shard-registry.ts';
import { approve, type Bench, by, createBench, request, value } from './rebalancer.testing.ts';
import type { CreatePlanRequest } from './rebalancer.ts';

const minute = 60_000;
let bench: Bench;
afterEach(() => bench.stop());

const fleet = { peakToMean: 1.6 };
/** A controller that leaves planning to people, and nothing that has to rest. */
const idle: PolicyOverlay = {
  triggers: { confirmationMs: 60 * minute },
  cooldown: { nodeMs: 0, shardMs: 0, namespaceMs: 0 },
};

/** The registry, whose watch tells nothing for as long as the test lasts. */
function silentWatch(registry: ShardRegistry): ShardRegistry {
  return {
    list: (namespace, signal) => registry.list(namespace, signal),
    get: (namespace, shard, signal) => registry.get(namespace, shard, signal),
    async *watch(_namespace, _position, signal) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
  };
}

/** Makes a plan as a person, approves it and waits until it has completed; answers its moves. */
async function runPlan(change: Partial<CreatePlanRequest> = {}): Promise<readonly Move[]> {
  const { plan, moves } = value(await bench.core().plans.create(request(change), by('ann')));
  await approve(bench, plan);
  for (let passed = 0; (await bench.plan(plan.id)).endedAt === 0; passed += 100) {
    if (passed > 30 * minute) throw new Error('the plan does not end');
    await bench.clock.advance(100);
  }
  expect(await bench.plan(plan.id)).toMatchObject({ status: 'completed', outcome: null });
  return moves;
}

describe('right after a plan', () => {
  test('the snapshot shows its moves although the watch lags, and the next plan does not drift', async () => {
    bench = await createBench({
      fleet,
      policy: { ...idle, budget: { maxMoves: 6 } },
      between: (ports) => ({ ...ports, registry: silentWatch(ports.registry) }),
    });
    for (let round = 0; round < 3; round++) {
      const moves = await runPlan();
      const { nodes, shards } = value(await bench.core().controllers.snapshot('orders'));
      for (const move of moves) {
        const first = shards.replicaOffsets[shards.ids.indexOf(move.shard)] ?? 0;
        const row = shards.replicaNumbers.indexOf(move.successor, first);
        expect(nodes[shards.replicaNodes[row] ?? 0]?.id).toBe(move.destination);
        if (move.kind === 'transferLeadership') expect(shards.replicaLeads[row]).toBe(1);
      }
    }
  });

  test('load has gone with the leadership that was transferred: measured is what was promised', async () => {
    bench = await createBench({ fleet, policy: idle });
    const { moves: found } = value(await bench.core().plans.create(request({ dryRun: true }), by('ann')));
    const transfers = found.filter((move) => move.kind === 'transferLeadership');
    expect(transfers.length).toBeGreaterThan(5);
    await runPlan({ moves: transfers });
    const [done] = await bench.livePlans();
    const { plan } = value(await bench.core().plans.create(request({ dryRun: true }), by('ann')));
    // What was promised is what is measured, before a new sample of any load has come in.
    for (const [index, { peakToMean }] of plan.summary.before.entries()) {
      expect(peakToMean).toBeCloseTo(done?.summary.after[index]?.peakToMean ?? 0, 2);
    }
  });
});

test('a hot node is relieved by transfers once, not over and over', async () => {
  bench = await createBench({
    policy: {
      ...idle,
      mode: 'automatic',
      approvals: { automatic: ['rebalance'] },
      triggers: { confirmationMs: 10_000, peakToMean: { enter: 1.2, clear: 1.1 } },
    },
  });
  bench.fleet.controls.hotSpot({ nodes: ['n0002'] }, 2);
  await bench.clock.advance(60 * minute);
  const transfers = new Map<string, number>();
  for (const plan of await bench.livePlans()) {
    for (const move of value(await bench.core().plans.get(plan.id)).moves) {
      transfers.set(move.shard, (transfers.get(move.shard) ?? 0) + 1);
    }
  }
  expect(transfers.size).toBeGreaterThan(0);
  expect((await bench.livePlans()).length).toBeLessThanOrEqual(3);
});
