import { expect, test } from 'bun:test';
import { type Change, createChange } from '../../change.ts';
import { isCapacity } from '../../constraints/capacity.ts';
import { createFirmBooking } from './firm-booking.ts';
import { overRandomWalks } from './walk.testing.ts';
import type { Walk } from './walk.ts';

/** Two replicas on different nodes change places; null where they are on the same one. */
function swapOf({ engine: { state } }: Walk, replica: number, partner: number): Change | null {
  const { loads, width } = state.problem;
  const from = state.nodeOf[replica];
  const to = state.nodeOf[partner];
  if (from === to) return null;
  const [row, other] = [state.rowOf(replica) * width, state.rowOf(partner) * width];
  const difference = Float64Array.from({ length: width }, (_, d) => loads[row + d] - loads[other + d]);
  return { kind: 'swap', replica, partner, from, to, loads: difference, offset: 0 };
}

test('a firm booking lets what the rule of capacity lets, and nothing else, wherever the walk has come', () => {
  let refused = 0;
  let admitted = 0;
  overRandomWalks((walk) => {
    const { state, constraints } = walk.engine;
    const capacity = constraints.find(isCapacity);
    if (capacity === undefined) throw new Error('every problem has the rule of capacity');
    const booking = createFirmBooking(state);
    const step = createChange();
    const check = (change: Change): void => {
      const isRefused = capacity.delta(change) === Number.POSITIVE_INFINITY;
      expect(booking.delta(change, 0)).toBe(isRefused ? Number.POSITIVE_INFINITY : 0);
      if (isRefused) refused += 1;
      else admitted += 1;
    };
    for (let i = 0; i < 200; i++) {
      const swap = swapOf(walk, walk.draw(), walk.draw());
      if (swap !== null) check(swap);
      const to = walk.space.nodes[walk.random.integer(walk.space.nodes.length)];
      state.relocation(step, walk.draw(), to);
      if (step.from === to) continue;
      check(step);
      // Whatever the rules say: rooms are followed where nodes are over their limits as well.
      if (i % 4 === 0) state.apply(step);
    }
  });
  expect(refused).toBeGreaterThan(100);
  expect(admitted).toBeGreaterThan(100);
});
