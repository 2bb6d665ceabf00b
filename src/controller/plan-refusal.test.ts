import { afterEach, describe, expect, test } from 'bun:test';
import { ok } from '../base/result.ts';
import type { Move } from '../domain/move.ts';
import type { PolicyOverlay } from '../domain/policy-overlay.ts';
import type { Planner } from '../ports/planner.ts';
import { approve, type Bench, by, codes, createBench, request, value } from './rebalancer.testing.ts';

const minute = 60_000;
let bench: Bench;
afterEach(() => bench.stop());

/** A controller that hardly looks by itself, on a fleet that is uneven from the start. */
const idle: PolicyOverlay = { triggers: { confirmationMs: 3_600_000 } };
const fleet = { peakToMean: 1.6 };

/** A planner gone wrong: it changes the moves that the real one found. */
function planning(wrong: (moves: readonly Move[]) => readonly Move[]): (planner: Planner) => Planner {
  return (planner) => ({
    async plan(order, signal) {
      const planned = await planner.plan(order, signal);
      return planned.ok ? ok({ ...planned.value, moves: wrong(planned.value.moves) }) : planned;
    },
    explain: (question, signal) => planner.explain(question, signal),
    close: () => planner.close(),
  });
}

describe('a plan that no guardrail would let run move by move', () => {
  test('is not even stored when its moves crowd one node', async () => {
    const policy = { ...idle, placement: { maxReplicasPerNode: 40 } };
    const planner = planning((moves) => moves.map((move) => ({ ...move, destination: 'n0001' })));
    bench = await createBench({ fleet, policy, planner });
    const refused = await bench.core().plans.create(request(), by('ann'));
    expect(codes(refused)).toContain('GUARDRAIL_CONCENTRATION_REPLICAS');
    expect(await bench.livePlans()).toEqual([]);
  });

  test('is not even stored when it moves a shard twice at once', async () => {
    const planner = planning(([first]) =>
      first ? [first, { ...first, id: 'm99999', destination: 'n0002' }] : [],
    );
    bench = await createBench({ fleet, policy: idle, planner });
    const refused = await bench.core().plans.create(request(), by('ann'));
    expect(codes(refused)).toContain('GUARDRAIL_REPLICA_IN_FLIGHT');
  });

  test('is shown with the verdict as a dry run', async () => {
    const planner = planning(([first]) =>
      first ? [first, { ...first, id: 'm99999', destination: 'n0002' }] : [],
    );
    bench = await createBench({ fleet, policy: idle, planner });
    const { plan } = value(await bench.core().plans.create(request({ dryRun: true }), by('ann')));
    const verdict = plan.verdicts.find((each) => each.code === 'GUARDRAIL_REPLICA_IN_FLIGHT');
    expect(verdict).toMatchObject({ decision: 'block' });
    expect(verdict?.subject).toStartWith('shard/');
  });

  test('cannot be approved when its destination has filled up since it was made', async () => {
    bench = await createBench({ fleet, policy: idle });
    const { plan, moves } = value(await bench.core().plans.create(request(), by('ann')));
    const destinations = [...new Set(moves.map((move) => move.destination))];
    bench.fleet.controls.hotSpot({ nodes: destinations }, 40);
    await bench.clock.advance(5 * minute);
    const refused = await bench.core().plans.approve({ id: plan.id, digest: plan.digest }, by('bea'));
    expect(codes(refused)).toContain('GUARDRAIL_CAPACITY');
    expect((await bench.plan(plan.id)).status).toBe('pendingApproval');
  });
});

test('a search that cooldowns left too little to move says what rests and until when', async () => {
  const cooldown = { nodeMs: 60 * minute, shardMs: 60 * minute, namespaceMs: 0 };
  bench = await createBench({ fleet, policy: { ...idle, cooldown } });
  const { plan } = value(await bench.core().plans.create(request(), by('ann')));
  await approve(bench, plan);
  await bench.reach('executing', minute);
  await bench.reach('steady', 30 * minute);
  await bench.clock.advance(minute);
  bench.fleet.controls.hotSpot({ nodes: ['n0003'] }, 3);
  await bench.clock.advance(5 * minute);
  const refused = await bench.core().plans.create(request(), by('ann'));
  const [problem] = refused.ok ? [] : refused.error;
  expect(['NOTHING_TO_DO', 'GUARDRAIL_BENEFIT']).toContain(problem?.code ?? '');
  const traces = await bench.store.moveTraces('c1', 'orders', 0);
  const until = new Date(Math.max(...traces.map((trace) => trace.at)) + 60 * minute).toISOString();
  expect(problem?.message).toMatch(/cooldowns after recent moves keep \d+ nodes? and \d+ shards? at rest/);
  expect(problem?.message).toContain(until);
  expect(problem?.remedy).toContain(`Wait until ${until}`);
  expect(problem?.remedy).toContain('GUARDRAIL_COOLDOWN_NODE');
});
