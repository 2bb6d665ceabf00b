import { expect, test } from 'bun:test';
import { smallestConflict } from './smallest-conflict.ts';

/** Feasible unless one of the sets is among the rules. */
function without(...conflicts: readonly string[]) {
  return (rules: readonly string[]): boolean =>
    !conflicts.some((conflict) => [...conflict].every((rule) => rules.includes(rule)));
}

test('is nothing where the rules can be kept together', () => {
  expect(smallestConflict(['a', 'b'], without())).toBeNull();
});

test('is the smallest of several, though a filter alone would stop at a larger one', () => {
  expect(smallestConflict([...'abcde'], without('abc', 'de'))).toEqual(['d', 'e']);
  expect(smallestConflict([...'abcde'], without('ab', 'cde'))).toEqual(['a', 'b']);
});

test('prefers rules that stand first among sets of one size', () => {
  expect(smallestConflict([...'abc'], without('ab', 'bc'))).toEqual(['a', 'b']);
});

test('is empty where nothing is possible whatever the rules', () => {
  expect(smallestConflict(['a'], () => false)).toEqual([]);
});
