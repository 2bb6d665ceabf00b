import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { validateSnapshot } from '../../src/domain/snapshot-validate.ts';
import { measureBalance } from '../../src/planning/balance.ts';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { applyMoves } from './apply-moves.ts';
import { usualRequest, usualShape } from './usual-fleet.ts';

test('the fleet after the moves is the one that the plan speaks of', () => {
  fc.assert(
    fc.property(fc.nat(1_000), (seed) => {
      const request = usualRequest({ ...usualShape('apply', { replicas: 600, nodes: 30 }), seed });
      const planned = computePlan(request);
      if (!planned.ok) throw new Error('no plan');
      const { moves, summary } = planned.value;
      const before = request.snapshot.shards.replicaNodes.slice();
      const after = applyMoves(request.snapshot, moves);
      expect(request.snapshot.shards.replicaNodes).toEqual(before);
      expect(validateSnapshot(after)).toEqual([]);
      for (const [d, balance] of measureBalance(after, request.policy, request.distress).entries())
        expect(balance.peak).toBeCloseTo(summary.after[d].peak, 9);
    }),
    { numRuns: 10 },
  );
});

test('a move of a replica that is not there is refused', () => {
  const request = usualRequest(usualShape('apply', { replicas: 600, nodes: 30 }));
  const planned = computePlan(request);
  if (!planned.ok) throw new Error('no plan');
  const moves = planned.value.moves.slice(0, 1).map((move) => ({ ...move, replica: 7 }));
  expect(() => applyMoves(request.snapshot, moves)).toThrow('not in the fleet');
});
