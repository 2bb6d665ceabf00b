import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createRandom } from '../../../base/random.ts';
import { createChange } from '../../change.ts';
import { capacityLimits } from '../../constraints/capacity.ts';
import { fleet, freePolicy, node, requestFor, shard } from '../../fleet.testing.ts';
import { createOverbooking } from './overbooking.ts';
import { engineFor, overRandomWalks } from './walk.testing.ts';
import { createWalk, type Walk } from './walk.ts';

/** Load of a mean replica above the ceilings, over all nodes and dimensions, held load included; measured anew. */
function overload({ engine: { state } }: Walk, ceilings: Float64Array): number {
  const { problem, ghost, load } = state;
  let total = 0;
  for (let at = 0; at < load.length; at++) {
    const mean = problem.totals[at % problem.width] / problem.replicaCount;
    const above = load[at] + (ghost?.[at] ?? 0) - ceilings[at];
    if (above > 0 && mean > 0) total += above / mean;
  }
  return total;
}

/** The limits, or what is carried where that is more. */
function ceilingsOf({ engine: { state } }: Walk): Float64Array {
  return capacityLimits(state).map((limit, at) => Math.max(limit, state.load[at] + (state.ghost?.[at] ?? 0)));
}

test('a relocation costs what it adds above the limits, at the least price, and one that is too dear costs infinitely', () => {
  overRandomWalks((walk) => {
    const { state } = walk.engine;
    const ceilings = ceilingsOf(walk);
    const overbooking = createOverbooking(walk.engine, 2);
    const change = createChange();
    for (let i = 0; i < 100; i++) {
      const to = walk.space.nodes[walk.random.integer(walk.space.nodes.length)];
      state.relocation(change, walk.draw(), to);
      if (change.from === to) continue;
      const expected = overbooking.delta(change, Number.POSITIVE_INFINITY);
      const isTooDear = overbooking.delta(change, -1) === Number.POSITIVE_INFINITY;
      const before = overload(walk, ceilings);
      state.apply(change);
      const after = overload(walk, ceilings);
      expect(Math.abs(expected - 2 * (after - before))).toBeLessThanOrEqual(1e-6 * Math.max(1, after));
      expect(overbooking.isClear()).toBe(after < 1e-9);
      if (after > before + 1e-6) expect(isTooDear).toBe(true);
    }
  });
});

test('a swap costs what its halves cost one after the other', () => {
  overRandomWalks((walk) => {
    const { state } = walk.engine;
    const { loads, width } = state.problem;
    const overbooking = createOverbooking(walk.engine, 1);
    const step = createChange();
    for (let i = 0; i < 100; i++) {
      const replica = walk.draw();
      const partner = walk.draw();
      const from = state.nodeOf[replica];
      const to = state.nodeOf[partner];
      if (from === to) continue;
      const [left, right] = [state.rowOf(replica) * width, state.rowOf(partner) * width];
      const difference = Float64Array.from({ length: width }, (_, d) => loads[left + d] - loads[right + d]);
      const swap = { kind: 'swap' as const, replica, partner, from, to, loads: difference, offset: 0 };
      const whole = overbooking.delta(swap, Number.POSITIVE_INFINITY);
      let halves = overbooking.delta(state.relocation(step, replica, to), Number.POSITIVE_INFINITY);
      state.apply(step);
      halves += overbooking.delta(state.relocation(step, partner, from), Number.POSITIVE_INFINITY);
      state.apply(step);
      expect(Math.abs(whole - halves)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(whole)));
    }
  });
});

test('prices rise where a node is over and sink to the least where it is not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (times) => {
      const { overbooking, change, state } = crowded();
      const dear = (): number => overbooking.delta(change, Number.POSITIVE_INFINITY);
      const least = dear();
      state.apply(change);
      for (let i = 0; i < times; i++) overbooking.adapt(2, 0.5);
      const back = createChange();
      expect(overbooking.delta(state.relocation(back, 0, change.from), 1e9)).toBeCloseTo(-least * 2 ** times);
      state.apply(back);
      overbooking.adapt(2, 0.5);
      expect(dear()).toBeCloseTo(least * 2 ** (times - 1));
      for (let i = 0; i < times; i++) overbooking.adapt(2, 0.5);
      expect(dear()).toBeCloseTo(least);
    }),
    { numRuns: 10 },
  );
});

/** Two nodes of which the second has no room for what the first carries. */
function crowded() {
  const walk = crowdedWalk();
  const { state } = walk.engine;
  const change = state.relocation(createChange(), 0, 1);
  return { overbooking: createOverbooking(walk.engine, 1), change: { ...change }, state };
}

function crowdedWalk(): Walk {
  const nodes = ['a', 'b'].map((id) => node(id, 1, { capacity: [100] }));
  const shards = [shard('one', ['a'], [60]), shard('two', ['b'], [70])];
  const request = requestFor(fleet(['cpu'], nodes, shards), freePolicy(['cpu']));
  return createWalk(engineFor(request), createRandom(1));
}
