import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoResult } from '../../scripts/demo/demo-result.ts';
import { beginMesh } from '../../scripts/support/mesh-process.ts';
import { createTempFolder } from '../support/temp-folder.ts';
import { repositoryFile } from '../support/world.ts';

/** `npm run demo` but for the build: the demo drives the executable that the other tests drive. */
const demo = [process.execPath, 'run', repositoryFile('scripts', 'demo', 'main.ts'), '--once'];

test('the demo tells its story to the end, and its last line says how it went', async () => {
  const result = await runDemo([]);
  expect(result.state).toBe('completed');
  expect(result.planId).not.toBe('');
  expect(result.moves).toBeGreaterThan(0);
  expect(result.peakToMeanAfter).toBeLessThan(result.peakToMeanBefore);
  expect(result.lowerBound).toBeGreaterThanOrEqual(1);
  expect(result.lowerBound).toBeLessThanOrEqual(result.peakToMeanAfter);
  expect(result.minHealthyReplicas).toBeGreaterThanOrEqual(2);
  expect(result.maxConcurrentMoves).toBeGreaterThan(0);
  expect(result.maxConcurrentMoves).toBeLessThanOrEqual(result.concurrentMovesLimit);
  expect(result.auditRecords).toBeGreaterThan(0);
  expect(result.auditVerified).toBe(true);
});

const { ROADEF_DATA: data = '', ROADEF_CHECK: checker = '' } = process.env;
const contest = existsSync(data) && existsSync(checker);
if (!contest)
  console.log('ROADEF_DATA and ROADEF_CHECK name no instances and checker: the contest is left out.');

test.skipIf(!contest)("the contest's instance a1_4 ends feasible and cheaper than it began", async () => {
  await using folder = await createTempFolder();
  const model = join(data, 'model_a1_4.txt');
  const assignment = join(data, 'assignment_a1_4.txt');
  const result = await runDemo(['--roadef', model, assignment, '--out', folder.file('new.txt')]);
  expect(result.state).toBe('completed');
  expect(result.auditVerified).toBe(true);

  const before = await costOf(model, assignment, assignment);
  expect(await costOf(model, assignment, folder.file('new.txt'))).toBeLessThan(before);
});

/** Total cost of an assignment by the contest's rules, as the independent checker counts it; it must be feasible. */
async function costOf(model: string, initial: string, assignment: string): Promise<number> {
  const answer = await run(['python3', checker, model, initial, assignment, '--json']);
  const { feasible, cost } = JSON.parse(answer.stdout) as { feasible: boolean; cost: { total: number } };
  expect({ assignment, feasible }).toEqual({ assignment, feasible: true });
  return cost.total;
}

async function runDemo(args: readonly string[]): Promise<DemoResult> {
  const answer = await run([...demo, ...args]);
  expect({ code: answer.code, stderr: answer.stderr }).toMatchObject({ code: 0 });
  return JSON.parse(answer.stdout.trimEnd().split('\n').at(-1) ?? '') as DemoResult;
}

function run([command = '', ...args]: readonly string[]) {
  return beginMesh(args, { program: [command] }).answer;
}
