import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createChange } from '../../change.ts';
import { isCapacity } from '../../constraints/capacity.ts';
import { randomWalk } from './walk.testing.ts';

test('the gate admits what every rule and the budget admit, and nothing else', () => {
  const change = createChange();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
      const walk = randomWalk(seed);
      if (walk === null) return;
      const { state, constraints, budget } = walk.engine;
      for (let replica = 0; replica < state.nodeOf.length; replica++) {
        for (let to = 0; to < state.problem.nodeCount; to++) {
          if (to === state.nodeOf[replica]) continue;
          state.relocation(change, replica, to);
          const isFree = budget.refuses(change) === null;
          const refusals = constraints.filter((rule) => rule.delta(change) === Number.POSITIVE_INFINITY);
          expect(walk.gate.admits(change)).toBe(isFree && refusals.length === 0);
          const butLoad = refusals.filter((rule) => rule.kind !== 'load');
          expect(walk.gate.admitsButLoad(change)).toBe(isFree && butLoad.length === 0);
          const butCapacity = refusals.filter((rule) => !isCapacity(rule));
          expect(walk.gate.admitsBooked(change)).toBe(isFree && butCapacity.length === 0);
          const identity = refusals.filter((rule) => rule.kind === 'identity');
          expect(walk.gate.admitsHalf(change)).toBe(isFree && identity.length === 0);
        }
      }
    }),
    { numRuns: 60 },
  );
});
