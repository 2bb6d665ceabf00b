import { describe, expect, test } from 'bun:test';
import { defaultPolicy } from './policy-defaults.ts';
import { choiceRules, numberRules } from './policy-field-table.ts';
import { at, found, policyWith } from './policy-validate.testing.ts';
import { validatePolicy } from './policy-validate.ts';

describe('every number of a policy', () => {
  const outside: [string, number][] = numberRules.flatMap(
    ({ field, min, max, above, kind }): [string, number][] => [
      [field, above ? min : min - 1],
      [field, kind === 'share' ? max + 0.01 : max * 2],
      [field, Number.NaN],
      [field, Number.POSITIVE_INFINITY],
      ...(kind === 'count' ? [[field, min + 0.5] as [string, number]] : []),
    ],
  );

  test.each(outside)('%s is refused when it is %p', (field, value) => {
    const problem = validatePolicy(policyWith(at(field, value))).find(
      (each) => each.code === 'POLICY_INVALID',
    );
    expect(problem).toMatchObject({ field, value });
    expect(problem?.limit).toBeDefined();
    expect(problem?.remedy).toBeDefined();
  });

  test.each(numberRules.map(({ field, min, max, above }) => [field, above ? max : min, max] as const))(
    '%s may be %p and %p',
    (field, least, most) => {
      for (const value of [least, most]) {
        const problems = validatePolicy(policyWith(at(field, value)));
        expect(problems.filter((each) => each.code === 'POLICY_INVALID')).toEqual([]);
      }
    },
  );

  test('is in the table', () => {
    const numbers: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value === 'number') numbers.push(path);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      for (const [name, member] of Object.entries(value))
        visit(member, path === '' ? name : `${path}.${name}`);
    };
    visit({ ...defaultPolicy('prod', 'orders'), revision: undefined }, '');
    expect(numbers.toSorted()).toEqual(numberRules.map(({ field }) => field).toSorted());
  });
});

describe('every choice of a policy', () => {
  test.each(choiceRules.map(({ field }) => field))('%s is refused when it is something else', (field) => {
    expect(found(at(field, 'sometimes'))).toEqual([['POLICY_INVALID', field]]);
  });

  test('may be each of its choices', () => {
    for (const { field, choices } of choiceRules) {
      for (const choice of choices)
        expect([field, choice, found(at(field, choice))]).toEqual([field, choice, []]);
    }
  });
});
