import { afterEach, describe, expect, test } from 'bun:test';
import type { PlanningRequest } from '../../domain/planning.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../planning/fleet.testing.ts';
import { plannerContract } from '../../ports/planner.contract.ts';
import type { Planner } from '../../ports/planner.ts';
import { plannerWorkerUrl } from './worker-location.ts';
import { createWorkerPlanner } from './worker-planner.ts';

plannerContract('in threads of its own', () => createWorkerPlanner());
plannerContract('in one thread of its own', () => createWorkerPlanner({ maxThreads: 1 }));

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
