import { afterAll, afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../../base/digest.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import { annealedRequest, planOfLanes } from '../../planning/annealed-fleet.testing.ts';
import type { Planner } from '../../ports/planner.ts';
import { startPlannerWorker } from './start-worker.ts';
import { createWorkerPlanner, type WorkerPlannerOptions } from './worker-planner.ts';

const never = new AbortController().signal;

const directory = mkdtempSync(join(tmpdir(), 'lane-threads-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const planners: Planner[] = [];
afterEach(async () => {
  for (const planner of planners.splice(0)) await planner.close();
});

/** A planner of two threads, and how many it has started and seen ended. */
function watched(options: WorkerPlannerOptions = {}) {
  const threads = { started: 0, ended: 0 };
  const startWorker = options.startWorker ?? startPlannerWorker;
  const planner = createWorkerPlanner({
    maxThreads: 2,
    ...options,
    startWorker() {
      threads.started += 1;
      const worker = startWorker();
      worker.addEventListener('close', () => {
        threads.ended += 1;
      });
      return worker;
    },
  });
  planners.push(planner);
  return { planner, threads };
}

async function expectPlan(planner: Planner, request: PlanningRequest): Promise<void> {
  const answer = await planner.plan(request, never);
  expect(canonicalJson(answer)).toBe(canonicalJson(planOfLanes(request)));
}

/** The request under an extension that runs the text once per state that is built, with `seed` in sight. */
function withModule(request: PlanningRequest, text: string): { modules: string[]; asked: PlanningRequest } {
  const file = join(directory, `m${request.seed}-${text.length}.ts`);
  writeFileSync(
    file,
    `export const plannerExtensions = [{
      name: 'probe',
      description: 'For tests.',
      parameters: [],
      create: () => ({
        terms: (state) => {
          const { seed } = state.problem.request;
          ${text}
          return [];
        },
      }),
    }];`,
  );
  const { policy } = request;
  const placement = { ...policy.placement, extensions: [{ name: 'probe', parameters: {} }] };
  return { modules: [file], asked: { ...request, policy: { ...policy, placement } } };
}

describe('lanes', () => {
  for (const maxThreads of [1, 2, 3, 8]) {
    test(`run in as many threads as there are, up to ${maxThreads}, with the same answer`, async () => {
      const { planner, threads } = watched({ maxThreads });
      await expectPlan(planner, annealedRequest(1, 5));
      expect(threads.started).toBe(Math.min(maxThreads, 5));
    });
  }

  test('keep their threads for the next plan', async () => {
    const { planner, threads } = watched();
    for (const seed of [1, 2, 3]) await expectPlan(planner, annealedRequest(seed));
    expect(threads).toEqual({ started: 2, ended: 0 });
  });

  test('that end in another order give the same plan', async () => {
    const slow = 'if (seed === 6) { const end = performance.now() + 60; while (performance.now() < end); }';
    const { modules, asked } = withModule(annealedRequest(6, 3), slow);
    const answers = [];
    for (const maxThreads of [1, 3]) {
      const { planner } = watched({ maxThreads, modules });
      answers.push(canonicalJson(await planner.plan(asked, never)));
    }
    expect(answers[0]).toContain('"ok":true');
    expect(answers[1]).toBe(answers[0]);
  });

  test('of a plan that is cancelled end together, and the next plan gets new threads', async () => {
    const { planner, threads } = watched();
    const cancelled = new AbortController();
    const first = planner.plan(annealedRequest(1), cancelled.signal);
    expect(threads).toEqual({ started: 2, ended: 0 });
    cancelled.abort();
    expect(await first).toMatchObject({ ok: false, error: [{ code: 'PLANNER_CANCELLED' }] });
    await expectPlan(planner, annealedRequest(2));
    expect(threads).toEqual({ started: 4, ended: 2 });
  });

  test('of which one breaks cost the plan, and the next plan is made', async () => {
    let starts = 0;
    const { planner, threads } = watched({
      startWorker() {
        starts += 1;
        return starts === 2
          ? new Worker('data:text/javascript,throw new Error("broken")')
          : startPlannerWorker();
      },
    });
    const answer = await planner.plan(annealedRequest(1), never);
    expect(answer).toMatchObject({ ok: false, error: [{ code: 'PLANNER_FAILED' }] });
    await expectPlan(planner, annealedRequest(2));
    expect(threads.started).toBeGreaterThan(2);
  });

  test('of which an extension hangs one are ended, and the extension is named', async () => {
    const { modules, asked } = withModule(annealedRequest(1), 'if (seed !== 1) for (;;);');
    const { planner } = watched({ modules, limits: { callMs: 300, graceMs: 60_000 } });
    const answer = await planner.plan(asked, never);
    expect(answer).toMatchObject({
      ok: false,
      error: [{ code: 'PLANNER_EXTENSION_FAILED', subject: 'extension/probe' }],
    });
    await expectPlan(planner, annealedRequest(2));
  });

  test('of which an extension fails one have no plan', async () => {
    const { modules, asked } = withModule(annealedRequest(1), "if (seed !== 1) throw new Error('no');");
    const { planner, threads } = watched({ modules });
    const answer = await planner.plan(asked, never);
    expect(answer.ok ? undefined : answer.error[0]?.message).toContain('no');
    expect(threads).toEqual({ started: 2, ended: 0 });
  });

  test("cannot reach each other's snapshot through an extension that writes into it", async () => {
    const { modules, asked } = withModule(
      annealedRequest(1),
      `const { replicaLoads } = state.problem.shards;
       if (seed === 1) replicaLoads.fill(0);
       else if (replicaLoads[0] === 0) throw new Error('written by another lane');`,
    );
    // One after the other, so that the second would surely see it.
    const { planner } = watched({ maxThreads: 1, modules });
    expect(canonicalJson(await planner.plan(asked, never))).not.toContain('written by another lane');
  });
});
