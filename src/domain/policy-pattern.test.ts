import { describe, expect, test } from 'bun:test';
import { compilePattern, maxPatternLength } from './policy-pattern.ts';

describe('a pattern of a policy', () => {
  test.each([
    ['CHG-[0-9]{4,8}', 'CHG-12345', 'xCHG-12345'],
    ['(CHG|INC)-\\d+', 'INC-1', 'REQ-1'],
    ['[A-Z]{2,10}-\\d{1,8}(\\.\\d+)?', 'OPS-12.3', 'OPS-12.'],
    ['a|b', 'b', 'ab'],
    ['(?:x|y)[)|(]\\)', 'x|)', 'x|'],
    ['(?<team>[a-z]+)-\\d+', 'ops-1', '-1'],
    ['', '', 'x'],
  ])('%p matches the whole of %p, not of %p', (pattern, good, bad) => {
    const compiled = compilePattern(pattern);
    expect(compiled.ok).toBe(true);
    if (!compiled.ok) return;
    expect([compiled.value.test(good), compiled.value.test(bad)]).toEqual([true, false]);
  });

  test.each([
    ['nested repetition', '(a+)+', 'so many ways'],
    ['repeated alternatives', '(a|b)*', 'so many ways'],
    ['many optional parts', 'a?'.repeat(25), 'so many ways'],
    ['many unbounded parts', 'a*a*a*a*', 'so many ways'],
    ['bounded repetitions of repetitions', '(a{1,50}){1,50}', 'so many ways'],
    ['look-ahead', '(?=a)a', 'looks ahead or behind'],
    ['look-behind', '(?<!a)b', 'looks ahead or behind'],
    ['a back-reference', '(a)\\1', 'refers back'],
    ['a named back-reference', '(?<x>a)\\k<x>', 'refers back'],
    ['brackets that do not match', 'a)|(?:b', 'not a regular expression'],
    ['a class without an end', '[a', 'not a regular expression'],
    ['more characters than anybody needs', 'a'.repeat(maxPatternLength + 1), 'more than 200'],
  ])('is refused for %s', (_, pattern, why) => {
    const compiled = compilePattern(pattern);
    expect(compiled.ok).toBe(false);
    if (!compiled.ok) expect(compiled.error).toContain(why);
  });
});
