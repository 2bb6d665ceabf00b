import { expect, test } from 'bun:test';
import { err, ok } from '../base/result.ts';
import { type Problem, ProblemError } from '../domain/problem.ts';
import { expectFile } from './expect-file.ts';

test('a file that can be read is its content', () => {
  expect(expectFile('fleet.json', ok(7))).toBe(7);
});

test('what is wrong with a file names the file, unless it names something in it', () => {
  const problems: readonly Problem[] = [
    { code: 'INPUT_MALFORMED', message: 'it is not UTF-8 text' },
    { code: 'SNAPSHOT_TWO_LEADERS', message: 'shard s1 has two leaders', subject: 'shard/s1' },
  ];
  let thrown: unknown;
  try {
    expectFile('fleet.json', err(problems));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ProblemError);
  const found = thrown instanceof ProblemError ? thrown.problems : [];
  expect(found.map((problem) => problem.subject)).toEqual(['fleet.json', 'shard/s1']);
});
