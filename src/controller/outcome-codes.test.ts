import { afterEach, describe, expect, test } from 'bun:test';
import { createRandom } from '../base/random.ts';
import { errorCodes } from '../domain/error-codes.ts';
import type { Plan } from '../domain/plan.ts';
import { createFleetFaults, noFaults } from '../simulator/fleet-faults.ts';
import { approve, type Bench, by, createBench, killNode, request, value } from './rebalancer.testing.ts';

const minute = 60_000;
let bench: Bench;
afterEach(() => bench.stop());

/** Every code that people may read in the audit trail, on plans and in their journals. */
async function codesSeen(): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (const record of await bench.store.auditRecords({ limit: 100_000 })) seen.add(record.outcome);
  for (const plan of await bench.livePlans()) {
    if (plan.outcome) seen.add(plan.outcome.code);
    for (const verdict of plan.verdicts) seen.add(verdict.code);
    for (const { failure } of await bench.store.journal(plan.id)) if (failure) seen.add(failure.code);
  }
  return seen;
}

function expectKnown(seen: ReadonlySet<string>): void {
  const unknown = [...seen].filter((code) => code !== 'ok' && !Object.hasOwn(errorCodes, code));
  expect(unknown).toEqual([]);
}

async function make(change: Parameters<typeof request>[0] = {}): Promise<Plan> {
  return value(await bench.core().plans.create(request(change), by('ann'))).plan;
}

async function running(change: Parameters<typeof request>[0] = {}): Promise<Plan> {
  const plan = await make(change);
  await approve(bench, plan);
  await bench.reach('executing', minute);
  await bench.clock.advance(5_000);
  return plan;
}

describe('every outcome has a code of the registry', () => {
  test('whatever people decide', async () => {
    const triggers = { confirmationMs: 60 * minute };
    const cooldown = { nodeMs: 0, shardMs: 0, namespaceMs: 0, failureMs: 1_000 };
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: { triggers, cooldown } });
    const plans = bench.core().plans;
    value(await plans.reject({ id: (await make()).id }, by('bea')));
    value(await plans.cancel({ id: (await make()).id, inFlight: 'finish' }, by('ann')));
    await plans.reject({ id: 'nope' }, by('bea'));
    const plan = await running();
    value(await plans.pause({ id: plan.id }, by('ann')));
    value(await plans.resume({ id: plan.id }, by('ann')));
    await bench.clock.advance(minute);
    value(await plans.cancel({ id: plan.id, inFlight: 'abort' }, by('ann')));
    await bench.reach('failed', 10 * minute);
    await bench.clock.advance(minute);
    const undo = value(await plans.rollback({ id: plan.id, dryRun: false, overrides: [] }, by('ann'))).plan;
    await approve(bench, undo);
    await bench.reach('executing', minute);
    await bench.clock.advance(5_000);
    value(await plans.cancel({ id: undo.id, inFlight: 'finish' }, by('ann')));
    await bench.clock.advance(10 * minute);
    const seen = await codesSeen();
    expectKnown(seen);
    const decided = ['PLAN_REJECTED', 'PLAN_CANCELLED', 'PLAN_PAUSED', 'PLAN_NOT_FOUND', 'MOVE_ABORTED'];
    for (const code of decided) expect(seen).toContain(code);
  });

  for (const seed of [31, 32]) {
    test(`whatever happens to the fleet (seed ${seed})`, async () => {
      const faults = createFleetFaults(createRandom(seed));
      bench = await createBench({
        fleet: { seed, peakToMean: 1.6 },
        policy: {
          mode: 'automatic',
          approvals: { automatic: ['rebalance', 'restore', 'drain'] },
          execution: { maxAttempts: 2, onDrift: 'supersede' },
        },
        faults,
      });
      await bench.reach('executing', 10 * minute);
      faults.set({ ...noFaults, refuseStep: 'drain', refuseShare: 0.3, dropAnswerShare: 0.1 });
      await bench.clock.advance(2 * minute);
      killNode(bench, `n000${seed % 8}`);
      await bench.clock.advance(minute);
      await bench.restart();
      await bench.clock.advance(10 * minute);
      faults.set(noFaults);
      await bench.clock.advance(20 * minute);
      const seen = await codesSeen();
      expectKnown(seen);
      expect(seen).toContain('MOVE_REFUSED');
    });
  }
});
