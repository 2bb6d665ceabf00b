import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createChange } from '../../change.ts';
import { hottest } from '../../terms/peak.ts';
import { createPeakDelta } from './peak-delta.ts';
import { randomWalk } from './walk.testing.ts';
import type { Walk } from './walk.ts';

const change = createChange();

/** Visits random admissible relocations, in turn applied, each before it is applied. */
function stroll(walk: Walk, visit: (apply: () => void) => void): void {
  const { state } = walk.engine;
  const { replicas, nodes } = walk.space;
  for (let i = 0; i < 200; i++) {
    const replica = replicas[walk.random.integer(replicas.length)];
    const to = nodes[walk.random.integer(nodes.length)];
    if (to === state.nodeOf[replica] || !walk.gate.admits(state.relocation(change, replica, to))) continue;
    visit(() => state.apply(change));
  }
}

function overRandomWalks(check: (walk: Walk) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const walk = randomWalk(seed);
      if (walk !== null) check(walk);
    }),
    { numRuns: 60 },
  );
}

test('energy depends on where replicas are, not on the way: there and back again adds up to nothing', () => {
  overRandomWalks((walk) => {
    const { state } = walk.engine;
    const start = state.nodeOf.slice();
    let total = 0;
    let largest = 1;
    const book = (): void => {
      const delta = walk.energy.delta(change);
      total += delta;
      largest = Math.max(largest, Math.abs(delta));
    };
    stroll(walk, (apply) => {
      book();
      apply();
    });
    for (let replica = 0; replica < start.length; replica++) {
      if (state.nodeOf[replica] === start[replica]) continue;
      state.relocation(change, replica, start[replica]);
      book();
      state.apply(change);
    }
    expect(Math.abs(total)).toBeLessThanOrEqual(1e-6 * largest);
  });
});

test('the peak changes by what measuring it anew says', () => {
  overRandomWalks((walk) => {
    const { state, factors } = walk.engine;
    const deltaOf = createPeakDelta(walk.engine);
    const peak = (): number => Math.max(0, hottest(state, factors) / (1 + factors.tolerance) - 1);
    stroll(walk, (apply) => {
      const before = peak();
      const delta = deltaOf(change);
      apply();
      expect(Math.abs(peak() - before - delta)).toBeLessThanOrEqual(1e-9 * Math.max(1, before));
    });
  });
});
