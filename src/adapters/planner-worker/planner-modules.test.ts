import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { canonicalJson } from '../../base/digest.ts';
import type { PlanningRequest } from '../../domain/planning.ts';
import type { ExtensionPolicy } from '../../domain/policy.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../planning/fleet.testing.ts';
import { createInProcessPlanner } from '../planner-in-process/in-process-planner.ts';
import { checkPlannerModules, describePlannerModules } from './check-modules.ts';
import { createWorkerPlanner, type WorkerPlannerOptions } from './worker-planner.ts';

const directory = mkdtempSync(join(tmpdir(), 'planner-modules-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const repository = resolve(import.meta.dir, '../../..');
const example = resolve(repository, 'docs/examples/planner/wishes.ts');
const never = new AbortController().signal;

let written = 0;
/** Absolute path of a new module with the text; its extension is called `probe`. */
function moduleWith(term: string, rest = ''): string {
  const file = join(directory, `m${written++}.ts`);
  writeFileSync(
    file,
    `${rest}
    export const plannerExtensions = [{
      name: 'probe',
      description: 'For tests.',
      parameters: [],
      create: () => ({
        terms: () => [{ name: 'odd', level: 'balance', delta: () => 0, value: () => 0, ${term} }],
      }),
    }];`,
  );
  return file;
}

function request(...extensions: readonly ExtensionPolicy[]): PlanningRequest {
  const nodes = ['a', 'b', 'c'].map((id, i) => node(id, 1, { labels: { disk: i === 2 ? 'ssd' : 'hdd' } }));
  const shards = Array.from({ length: 9 }, (_, s) => shard(`s${s}`, ['a'], [3]));
  return requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu'], { placement: { extensions } }));
}

const probe: ExtensionPolicy = { name: 'probe', parameters: {} };
const prefers: ExtensionPolicy = { name: 'preferred-label', parameters: { weight: 10 } };

async function planBy(modules: readonly string[], asked: PlanningRequest, options?: WorkerPlannerOptions) {
  const planner = createWorkerPlanner({ modules, ...options });
  try {
    const answer = await planner.plan(asked, never);
    // Whatever happened, the next plan is made.
    expect((await planner.plan(request(), never)).ok).toBe(true);
    return answer;
  } finally {
    await planner.close();
  }
}

async function problemOf(...args: Parameters<typeof planBy>) {
  const answer = await planBy(...args);
  return answer.ok ? undefined : answer.error[0];
}

describe('a planner module', () => {
  test('in TypeScript is loaded by the thread, and plans as in this one, byte for byte', async () => {
    const { plannerExtensions } = await import('../../../docs/examples/planner/wishes.ts');
    const there = await planBy([example], request(prefers));
    const here = await createInProcessPlanner(systemClock, plannerExtensions).plan(request(prefers), never);
    expect(
      there.ok && there.value.moves.some((move) => move.reasons.some((each) => each.code === 'extension')),
    ).toBe(true);
    expect(canonicalJson(there)).toBe(canonicalJson(here));
  });

  test('is described by a path relative to the configuration, without being run here', async () => {
    const found = await describePlannerModules(['docs/examples/planner/wishes.ts'], repository);
    expect(found.ok && found.value.map(({ name, parameters }) => [name, parameters.length])).toEqual([
      ['one-zone', 1],
      ['preferred-label', 4],
    ]);
  });

  test('whose extension no policy names is not asked', async () => {
    expect((await planBy([moduleWith('delta: () => NaN')], request())).ok).toBe(true);
  });

  test('without the extension that a policy names is told so, with the ones that there are', async () => {
    const problem = await problemOf([example], request(probe));
    expect(problem).toMatchObject({ code: 'POLICY_EXTENSION_UNKNOWN', limit: 'one-zone, preferred-label' });
  });

  test.each([
    ['throws', 'delta() { throw new Error("boom"); }', 'boom'],
    ['answers NaN', 'value: () => NaN', 'NaN'],
  ])('that %s costs the plan and is named', async (_, term, message) => {
    const problem = await problemOf([moduleWith(term)], request(probe));
    expect(problem).toMatchObject({ code: 'PLANNER_EXTENSION_FAILED', subject: 'extension/probe' });
    expect(problem?.message).toContain(message);
  });

  test('that never ends one call is ended with its thread, and named', async () => {
    const problem = await problemOf([moduleWith('delta() { for (;;); }')], request(probe), {
      limits: { callMs: 50, graceMs: 60_000 },
    });
    expect(problem).toMatchObject({ code: 'PLANNER_EXTENSION_FAILED', subject: 'extension/probe' });
    expect(problem?.message).toContain('has not ended one call');
  });

  test('that is merely slow is ended after the time of a plan, and named', async () => {
    const slow = 'value() { const end = performance.now() + 20; while (performance.now() < end); return 0; }';
    const asked = request(probe);
    const { policy } = asked;
    const hurried = { ...asked, policy: { ...policy, budget: { ...policy.budget, maxSearchMs: 1 } } };
    const problem = await problemOf([moduleWith(slow)], hurried, { limits: { callMs: 60_000, graceMs: 30 } });
    expect(problem).toMatchObject({ code: 'PLANNER_EXTENSION_FAILED', subject: 'extension/probe' });
    expect(problem?.message).toContain('has kept the plan');
  });

  test('that ends its thread costs the plan', async () => {
    const problem = await problemOf([moduleWith('delta() { process.exit(3); }')], request(probe));
    expect(problem?.code).toBe('PLANNER_FAILED');
  });

  test('that cannot be loaded any more costs the plan, not the others', async () => {
    const problem = await problemOf([join(directory, 'gone.ts')], request(probe));
    expect(problem).toMatchObject({ code: 'PLANNER_MODULE_INVALID', value: join(directory, 'gone.ts') });
  });
});

describe('a planner module at the start', () => {
  async function refusal(file: string, deadlineMs?: number): Promise<string> {
    const found = await describePlannerModules([file], '/', deadlineMs);
    if (found.ok) throw new Error('the module was taken');
    expect(found.error.every((each) => each.code === 'PLANNER_MODULE_INVALID')).toBe(true);
    return found.error.map((each) => each.message).join('\n');
  }

  test.each([
    ['does not exist', () => join(directory, 'missing.ts'), 'missing.ts'],
    ['does not parse', () => moduleWith('', 'export const = ;'), 'cannot be loaded'],
    ['throws while it loads', () => moduleWith('', 'throw new Error("boom");'), 'boom'],
    ['breaks the contract', () => moduleWith('delta: () => 1'), 'fails delta'],
    ['has a part that is none', () => moduleWith('level: "peak"'), 'level is peak'],
    ['ends its thread', () => moduleWith('', 'process.exit(3);'), 'ended the thread'],
  ])('that %s is refused', async (_, file, message) => {
    expect(await refusal(file())).toContain(message);
  });

  test('that never ends loading is refused in time', async () => {
    expect(await refusal(moduleWith('', 'for (;;);'), 200)).toContain('has not ended');
  });

  test('whose export lacks its parts is told all of them', async () => {
    const file = join(directory, 'shape.mjs');
    writeFileSync(
      file,
      "export const plannerExtensions = [{ name: 7, parameters: [{ name: 'p', kind: 'number' }, { kind: 'flag' }] }];",
    );
    const text = await refusal(file);
    for (const part of [
      'name is a number',
      'description is missing',
      'create is missing',
      'parameters[0].maximum is missing',
      'parameters[1].kind is "flag"',
    ])
      expect(text).toContain(part);
  });

  test('whose names are taken is refused', async () => {
    const found = await describePlannerModules([example, example], '/');
    expect(found.ok ? '' : found.error[0]?.message).toContain('name that is taken');
  });
});

test('a check of a module reports per extension what it found and what deltas cost', async () => {
  const checked = await checkPlannerModules([example], { states: 20, seed: 4, parameters: { weight: 2 } });
  if (!checked.ok) throw new Error(JSON.stringify(checked.error));
  expect(checked.value.map(({ report }) => report.failures)).toEqual([[], []]);
  expect(checked.value.flatMap(({ report }) => report.costs.map((cost) => cost.part))).toEqual([
    'group within one zone',
    'preferred label',
  ]);
});
