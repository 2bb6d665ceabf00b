import { expect, test } from 'bun:test';
import { createChange } from './change.ts';
import { fleet, freePolicy, node, type PolicyChange, requestFor, shard } from './fleet.testing.ts';
import { createPlacementState } from './placement-state.ts';
import { buildProblem } from './problem.ts';

const snapshot = fleet(
  ['cpu', 'disk'],
  [node('a', 2), node('b', 2)],
  [
    {
      ...shard('s1', ['a', 'b'], [0, 0]),
      replicas: [
        { number: 0, node: 'a', leads: true, bytes: 1, loads: [9, 4] },
        { number: 1, node: 'b', leads: false, bytes: 1, loads: [2, 5] },
      ],
    },
    shard('s2', ['a'], [10, 20]),
  ],
);

function stateUnder(change: PolicyChange) {
  const problem = buildProblem(requestFor(snapshot, freePolicy(['cpu', 'disk'], change)));
  if (!problem.ok) throw new Error('the policy does not fit');
  return createPlacementState(problem.value);
}

test('while a change is on hold its load is on both sides, once settled only where it went', () => {
  const state = stateUnder({});
  const change = state.relocation(createChange(), 2, 1);
  state.hold(change);
  expect([...state.load]).toEqual([19, 24, 12, 25]);
  state.settle(change);
  expect([...state.load]).toEqual([9, 4, 12, 25]);
  expect([state.nodeOf[2], state.count[0], state.count[1]]).toEqual([1, 1, 2]);
});

test('a leadership transfer exchanges the rows of the two, also those of opposite sign', () => {
  const state = stateUnder({});
  const change = state.transfer(createChange(), 0, 1, new Float64Array(2));
  state.hold(change);
  // What each side may carry at worst: the larger of before and after.
  expect([...state.load]).toEqual([19, 25, 9, 5]);
  state.settle(change);
  expect([...state.load]).toEqual([12, 25, 9, 4]);
  expect([...state.leads]).toEqual([0, 1, 1]);
});

test('held for the whole plan, transient load stays where it was until the replica comes back', () => {
  const state = stateUnder({ dimension: { transient: true }, placement: { transientHold: 'plan' } });
  state.apply(state.relocation(createChange(), 2, 1));
  expect([...(state.ghost ?? [])]).toEqual([10, 20, 0, 0]);
  state.apply(state.relocation(createChange(), 2, 0));
  expect([...(state.ghost ?? [])]).toEqual([0, 0, 0, 0]);
});

test('a state made from a placement has the loads of the one it was made from', () => {
  const state = stateUnder({});
  state.apply(state.relocation(createChange(), 2, 1));
  state.apply(state.transfer(createChange(), 0, 1, new Float64Array(2)));
  expect([...createPlacementState(state.problem, state).load]).toEqual([...state.load]);
});
