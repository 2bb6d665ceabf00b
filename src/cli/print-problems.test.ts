import { describe, expect, test } from 'bun:test';
import { errorCodes } from '../domain/error-codes.ts';
import type { Problem } from '../domain/problem.ts';
import type { Terminal } from './cli-context.ts';
import { printBug, printProblems } from './print-problems.ts';
import { createStyle } from './style.ts';

function capture(): { terminal: Terminal; errors: string[] } {
  const errors: string[] = [];
  const terminal = {
    out: () => {},
    error: (text: string) => void errors.push(text),
    isInteractive: false,
    columns: 80,
  };
  return { terminal, errors };
}

const mismatch: Problem = {
  code: 'PLAN_DIGEST_MISMATCH',
  message: 'the digest named is not that of plan p1',
  field: 'digest',
  value: 'sha256:12',
  limit: 'sha256:9f',
  subject: 'plan/p1',
  remedy: 'Read the plan again.',
};
const unknown: Problem = { code: 'FIELD_UNKNOWN', message: 'there is no field budgt' };

describe('problems', () => {
  test('are told with place, expectation and remedy, each as far as it has one', () => {
    const { terminal, errors } = capture();
    const code = printProblems([mismatch, unknown], terminal, { style: createStyle(false), json: false });
    expect(errors).toEqual([
      'error PLAN_DIGEST_MISMATCH: the digest named is not that of plan p1\n' +
        '  field: digest   value: sha256:12   limit: sha256:9f   subject: plan/p1\n' +
        '  → Read the plan again.\n',
      `error FIELD_UNKNOWN: there is no field budgt\n  → ${errorCodes.FIELD_UNKNOWN.remedy}\n`,
    ]);
    expect(code).toBe(5);
  });

  test('are one JSON object for programs', () => {
    const { terminal, errors } = capture();
    printProblems([mismatch, unknown], terminal, { style: createStyle(false), json: true });
    expect(JSON.parse(errors.join(''))).toEqual({
      problems: [mismatch, { ...unknown, remedy: errorCodes.FIELD_UNKNOWN.remedy }],
    });
  });

  test('stay three lines, whatever is in the names that they quote', () => {
    const { terminal, errors } = capture();
    const hostile = { ...mismatch, message: 'no\nerror FAKE: \u001b[2J', subject: 'node/\u001b[31mn1' };
    printProblems([hostile], terminal, { style: createStyle(false), json: false });
    expect(errors.join('')).toContain('no\\nerror FAKE: \\u001b[2J');
    expect(errors.join('')).toContain('subject: node/\\u001b[31mn1');
    expect(errors.join('').split('\n').length).toBe(4);
  });

  test('show a value of 0 or false too', () => {
    const { terminal, errors } = capture();
    printProblems([{ ...unknown, value: 0, limit: 0 }], terminal, { style: createStyle(false), json: false });
    expect(errors.join('')).toContain('  value: 0   limit: 0\n');
  });
});

test('a bug shows where it was thrown, and what was thrown when it is no error', () => {
  const { terminal, errors } = capture();
  expect(printBug(new TypeError('boom'), terminal, { json: false })).toBe(1);
  expect(errors.join('')).toMatch(/^error INTERNAL: this is a bug in mesh\.\nTypeError: boom\n\s+at /);
  printBug('a text', terminal, { json: false });
  expect(errors.at(-1)).toEndWith('a text\n');
});
