import { describe, expect, test } from 'bun:test';
import { type ErrorCode, errorCodes, guardrailCodes } from '../domain/error-codes.ts';
import { exitCodeOf, exitCodeOfPlan } from './exit-codes.ts';

describe('exitCodeOf', () => {
  test.each([
    ['FIELD_INVALID', 2],
    ['SNAPSHOT_TWO_LEADERS', 2],
    ['POLICY_CONTRADICTORY', 2],
    ['PERMISSION_DENIED', 3],
    ['APPROVAL_BY_AUTHOR', 3],
    ['PLAN_NOT_FOUND', 4],
    ['PLAN_STALE', 5],
    ['PLAN_DIGEST_MISMATCH', 5],
    ['APPROVAL_DUPLICATE', 5],
    ['NOTHING_TO_DO', 6],
    ['SERVICE_UNREACHABLE', 7],
    ['FLEET_UNREACHABLE', 7],
    ['INTERNAL', 1],
  ] as const)('%s ends with %d', (code, expected) => {
    expect(exitCodeOf(code)).toBe(expected);
  });

  test('every guardrail ends with 6', () => {
    expect(guardrailCodes.map((code) => exitCodeOf(code))).toEqual(guardrailCodes.map(() => 6));
  });

  test('no error looks like success', () => {
    const codes = Object.keys(errorCodes) as ErrorCode[];
    expect(codes.filter((code) => exitCodeOf(code) === 0)).toEqual([]);
  });
});

test('a plan that did not complete ends with 8', () => {
  expect(exitCodeOfPlan('completed')).toBe(0);
  expect(exitCodeOfPlan('failed')).toBe(8);
  expect(exitCodeOfPlan('cancelled')).toBe(8);
});
