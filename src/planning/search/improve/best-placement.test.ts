import { expect, test } from 'bun:test';
import { createChange } from '../../change.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../fleet.testing.ts';
import { createBestPlacement } from './best-placement.ts';
import { engineFor } from './walk.testing.ts';

const request = requestFor(
  fleet(
    ['cpu'],
    ['a', 'b', 'c'].map((id) => node(id, 1)),
    ['s', 't'].map((id) => shard(id, ['a'], [1])),
  ),
  freePolicy(['cpu']),
);

test('the best placement is where it was kept last, however far the state went since', () => {
  const { state } = engineFor(request);
  const best = createBestPlacement(state);
  const change = createChange();
  const go = (replica: number, to: number): void => state.apply(state.relocation(change, replica, to));
  go(0, 1);
  best.keep();
  go(0, 2);
  go(1, 2);
  go(0, 0);
  best.restore();
  expect(Array.from(state.nodeOf)).toEqual([1, 0]);
  expect(Array.from(state.load)).toEqual([1, 1, 0]);
  go(1, 2);
  best.restore();
  expect(Array.from(state.nodeOf)).toEqual([1, 0]);
});

test('what was never kept is where the state was at the beginning', () => {
  const { state } = engineFor(request);
  const best = createBestPlacement(state);
  state.apply(state.relocation(createChange(), 0, 2));
  best.restore();
  expect(Array.from(state.nodeOf)).toEqual([0, 0]);
});
