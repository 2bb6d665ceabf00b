import { afterEach, describe, expect, test } from 'bun:test';
import { systemClock } from '../../base/clock.ts';
import { canonicalJson } from '../../base/digest.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../planning/fleet.testing.ts';
import type { Planner } from '../../ports/planner.ts';
import { createInProcessPlanner } from '../planner-in-process/in-process-planner.ts';
import { plannerWorkerUrl } from './worker-location.ts';
import { createWorkerPlanner } from './worker-planner.ts';

const planners: Planner[] = [];
afterEach(async () => {
  for (const planner of planners.splice(0)) await planner.close();
});

function started(planner: Planner): Planner {
  planners.push(planner);
  return planner;
}

const never = new AbortController().signal;

function request(shards = 6): PlanningRequest {
  const nodes = ['a', 'b', 'c'].map((id) => node(id, 1, { capacity: [10 * shards] }));
  const all = Array.from({ length: shards }, (_, s) => shard(`s${s}`, ['a'], [1 + (s % 5)]));
  return requestFor(fleet(['cpu'], nodes, all), freePolicy(['cpu']));
}

describe('the planner in a thread of its own', () => {
  test('answers what the planner in this thread answers, byte for byte', async () => {
    const there = await started(createWorkerPlanner()).plan(request(), never);
    const here = await createInProcessPlanner(systemClock).plan(request(), never);
    expect(there.ok && there.value.moves.length).toBeGreaterThan(0);
    expect(canonicalJson(there)).toBe(canonicalJson(here));
  });

  test('explains a plan as the planner in this thread does', async () => {
    const planning = request();
    const made = await createInProcessPlanner(systemClock).plan(planning, never);
    if (!made.ok) throw new Error('there is no plan');
    const { moves, obstacles } = made.value;
    const question = { planning, moves, obstacles, subject: { kind: 'node', id: 'a' }, limit: 3 } as const;
    const there = await started(createWorkerPlanner()).explain(question, never);
    const here = await createInProcessPlanner(systemClock).explain(question, never);
    expect(there).toMatchObject({ ok: true, value: { kind: 'node', node: { node: 'a' } } });
    expect(there).toEqual(here);
  });

  test("leaves the caller's arrays whole", async () => {
    const asked = request();
    await started(createWorkerPlanner()).plan(asked, never);
    expect(asked.snapshot.shards.replicaLoads.length).toBe(6);
    expect(asked.distress.length).toBe(3);
  });

  test('passes problems on', async () => {
    const asked = { ...request(), policy: freePolicy(['gpu']) };
    const answer = await started(createWorkerPlanner()).plan(asked, never);
    expect(answer.ok ? [] : answer.error).toMatchObject([{ code: 'POLICY_DIMENSION_UNKNOWN' }]);
  });

  test('a cancelled computation ends at once, and the next request is answered by a new thread', async () => {
    const planner = started(createWorkerPlanner());
    const cancelled = new AbortController();
    const first = planner.plan(request(20_000), cancelled.signal);
    const second = planner.plan(request(), never);
    cancelled.abort();
    expect(await first).toMatchObject({ ok: false, error: [{ code: 'PLANNER_CANCELLED' }] });
    expect((await second).ok).toBe(true);
  });

  test('a cancelled request that waits leaves the line', async () => {
    const planner = started(createWorkerPlanner());
    const cancelled = new AbortController();
    const first = planner.plan(request(), never);
    const second = planner.plan(request(), cancelled.signal);
    cancelled.abort();
    expect(await second).toMatchObject({ ok: false, error: [{ code: 'PLANNER_CANCELLED' }] });
    expect((await first).ok).toBe(true);
  });

  test('refuses more requests than may wait', async () => {
    const planner = createWorkerPlanner();
    const answers = Array.from({ length: 18 }, () => planner.plan(request(), never));
    expect(await answers[17]).toMatchObject({ ok: false, error: [{ code: 'PLANNER_OVERLOADED' }] });
    await planner.close();
    expect(await answers[16]).toMatchObject({ ok: false, error: [{ code: 'PLANNER_CANCELLED' }] });
    await Promise.all(answers);
  });

  test('a thread that breaks fails its request, not the next ones', async () => {
    let starts = 0;
    const planner = started(
      createWorkerPlanner({
        startWorker() {
          starts += 1;
          return new Worker(
            starts === 1 ? 'data:text/javascript,throw new Error("broken")' : plannerWorkerUrl(Bun.main),
          );
        },
      }),
    );
    expect(await planner.plan(request(), never)).toMatchObject({
      ok: false,
      error: [{ code: 'PLANNER_FAILED' }],
    });
    expect((await planner.plan(request(), never)).ok).toBe(true);
  });

  test('after closing nothing is computed', async () => {
    const planner = createWorkerPlanner();
    await planner.close();
    expect(await planner.plan(request(), never)).toMatchObject({
      ok: false,
      error: [{ code: 'PLANNER_CANCELLED' }],
    });
  });
});

test('in a compiled executable the worker is found below the root of the bundle', () => {
  expect(plannerWorkerUrl('/$bunfs/root/mesh')).toBe(
    'file:///$bunfs/root/src/adapters/planner-worker/worker.ts',
  );
  expect(plannerWorkerUrl(Bun.main)).toEndWith('/src/adapters/planner-worker/worker.ts');
});
