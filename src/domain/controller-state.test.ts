import { describe, expect, test } from 'bun:test';
import { controllerStates, controllerTransitions, mayControllerGo } from './controller-state.ts';

/** Written down a second time on purpose: a change of the table must be meant. */
const legal: Readonly<Record<string, readonly string[]>> = {
  steady: ['investigating'],
  investigating: ['steady', 'draining', 'planPending'],
  draining: ['planPending', 'failed', 'steady'],
  planPending: ['executing', 'investigating', 'steady'],
  executing: ['completed', 'failed', 'investigating'],
  completed: ['steady'],
  failed: ['steady'],
};

describe('the controller of a namespace', () => {
  for (const from of controllerStates) {
    for (const to of controllerStates) {
      const expected = legal[from]?.includes(to) ?? false;
      test(`${from} → ${to} is ${expected ? 'legal' : 'refused'}`, () => {
        expect(mayControllerGo(from, to)).toBe(expected);
      });
    }
  }

  test('gets from every state back to steady', () => {
    const home = new Set<string>(['steady']);
    for (let before = 0; before !== home.size; ) {
      before = home.size;
      for (const { from, to } of controllerTransitions) if (home.has(to)) home.add(from);
    }
    expect([...home].sort()).toEqual([...controllerStates].sort());
  });
});
