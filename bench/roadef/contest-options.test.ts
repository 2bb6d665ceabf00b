import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContestOptions } from './contest-options.ts';

let data = '';
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'contest-'));
  for (const name of ['a1_1', 'b_1']) {
    for (const kind of ['model', 'assignment']) writeFileSync(join(data, `${kind}_${name}.txt`), '');
  }
});
afterAll(() => rmSync(data, { recursive: true }));

const read = (...more: string[]) =>
  readContestOptions(['--data', data, '--instances', 'b_1,a1_1', '--lanes', '2', ...more]);

test('what is not given has its default', () => {
  expect(read()).toEqual({
    ...{ data, seconds: 300, instances: ['b_1', 'a1_1'], out: '', lanes: 2 },
    ...{ concurrency: 1, seed: 1, record: false },
  });
  expect(readContestOptions(['--help'])).toEqual({ help: true });
});

test.each([
  [['--lanes', '0'], '--lanes is "0": give a whole number from 1 to 256'],
  [['--concurrency', '1.5'], '--concurrency is "1.5": give a whole number from 1 to 256'],
  [['--seconds', 'long'], '--seconds is "long": give a number above 0.3, which reading and writing take'],
  [['--seconds', ''], '--seconds is "": give a number above 0.3, which reading and writing take'],
  [['--seed', '-'], '--seed is "-": give a whole number from 0 to 2147483647'],
  [
    ['--data', '/no/such'],
    '--data is "/no/such", which does not exist: name the folder that has model_NAME.txt',
  ],
  [['--data', ''], '--data is not given: name the folder that has model_NAME.txt, or set ROADEF_DATA'],
])('%j is refused in one line', (more, problem) => {
  expect(read(...more)).toEqual({ problem });
});

test('an instance that is not there is named, and so are those that are', () => {
  const problem = `--instances has "c_9", of which "${data}" lacks the files: name some of a1_1, b_1`;
  expect(read('--instances', 'a1_1,c_9')).toEqual({ problem });
});

test('an unknown option is refused in one line', () => {
  const found = read('--lane', '1');
  expect('problem' in found ? found.problem : '').toContain("'--lane'");
  expect('problem' in found ? found.problem : '').not.toContain('\n');
});
