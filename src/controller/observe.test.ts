import { afterEach, describe, expect, test } from 'bun:test';
import { maxDrafts } from './draft-retention.ts';
import {
  applyPolicy,
  type Bench,
  by,
  cluster,
  createBench,
  killNode,
  namespace,
  request,
  value,
} from './rebalancer.testing.ts';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;

async function drafts() {
  const page = await bench.store.plans({ cluster, namespace, statuses: ['draft'], pageSize: 500 });
  return page.ok ? page.value.items : [];
}

describe('mode observe', () => {
  test('makes dry runs of what it sees, less and less often, and no other plan', async () => {
    bench = await createBench({ fleet: { peakToMean: 1.6 }, policy: { mode: 'observe' } });
    await bench.clock.advance(30 * minute);
    const made = (await drafts()).toReversed().map((plan) => plan.createdAt);
    expect(made.length).toBeGreaterThanOrEqual(3);
    const gaps = made.slice(1).map((at, index) => at - (made[index] ?? 0));
    expect(gaps).toEqual(gaps.toSorted((left, right) => left - right));
    expect(await bench.livePlans()).toEqual([]);
    expect(new Set(await bench.transitions())).toEqual(
      new Set(['steady>investigating', 'investigating>steady']),
    );
  });

  test('does not touch a dead node', async () => {
    bench = await createBench({ policy: { mode: 'observe' } });
    killNode(bench, 'n0001');
    await bench.clock.advance(5 * minute);
    const [draft] = await drafts();
    expect(draft?.kind).toBe('restore');
    expect(await bench.livePlans()).toEqual([]);
  });
});

/** Hours pass in few events; that the telemetry is stale then does not matter to a dry run. */
const rareFeeds = {
  gossipIntervalMs: 10 * minute,
  loadIntervalMs: 10 * minute,
  backpressureIntervalMs: 10 * minute,
};
const rareLooks = { evaluationIntervalMs: 10 * minute };

describe('scheduled dry runs', () => {
  test('come by the clock of the policy’s time zone, also in a balanced fleet', async () => {
    const schedule = { cron: '0 9 * * *', timeZone: 'Asia/Tokyo' };
    bench = await createBench({
      policy: { schedule, triggers: rareLooks },
      fleet: { behaviour: { noise: 0, dailyAmplitude: 0, ...rareFeeds } },
    });
    await bench.clock.advance(48 * 60 * minute);
    const hours = (await drafts()).map((plan) => new Date(plan.createdAt).toISOString().slice(11, 13));
    // Nine in Tokyo is midnight UTC.
    expect(hours).toEqual(['00', '00']);
    expect((await drafts()).map((plan) => plan.trigger)).toEqual(['schedule', 'schedule']);
  });
});

test('dry runs are kept up to a bound, the newest ones', async () => {
  bench = await createBench();
  for (let made = 0; made < maxDrafts + 3; made++) {
    value(await bench.core().plans.create(request({ dryRun: true, seed: made }), by('ann')));
  }
  const kept = await drafts();
  expect(kept.length).toBe(maxDrafts);
  expect(Math.min(...kept.map((plan) => plan.seed))).toBe(3);
});

test('dry runs expire a week after they were made', async () => {
  bench = await createBench({ policy: { triggers: rareLooks }, fleet: { behaviour: rareFeeds } });
  const { plan } = value(await bench.core().plans.create(request({ dryRun: true }), by('ann')));
  await bench.clock.advance(7 * 24 * 60 * minute - 2 * minute);
  expect((await bench.plan(plan.id)).status).toBe('draft');
  await bench.clock.advance(120 * minute);
  expect((await bench.plan(plan.id)).status).toBe('expired');
});

test('a change of the policy is what the next look goes by', async () => {
  bench = await createBench({ fleet: { peakToMean: 1.2 } });
  await bench.clock.advance(2 * minute);
  expect(await bench.state()).toBe('steady');
  await applyPolicy(bench, { triggers: { peakToMean: { enter: 1.05, clear: 1.02 } } });
  await bench.reach('planPending', 5 * minute);
});
