import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { computePlan } from '../../src/planning/compute-plan.ts';
import { generateFleet, withNodes } from './generate-fleet.ts';
import { movesLowerBound } from './moves-lower-bound.ts';
import { usualRequest, usualShape } from './usual-fleet.ts';

test('no plan has fewer moves than the bound says that its result takes', () => {
  const shapes = fc.record({
    seed: fc.nat(1_000),
    nodes: fc.integer({ min: 12, max: 40 }),
    perNode: fc.integer({ min: 3, max: 30 }),
    dead: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(shapes, ({ seed, nodes, perNode, dead }) => {
      const shape = { ...usualShape('bound', { replicas: nodes * perNode, nodes }), zones: 4, seed };
      const fleet = withNodes(generateFleet(shape), (node, n) =>
        n < dead ? { ...node, status: 'dead' } : node,
      );
      const request = usualRequest(shape, fleet);
      const planned = computePlan(request);
      if (!planned.ok) return;
      const { summary } = planned.value;
      // Where something could not be done, the bound speaks of more than the plan did.
      if (summary.violationsAfter > 0 || summary.toVacateAfter > 0) return;
      expect(movesLowerBound(request, summary)).toBeLessThanOrEqual(summary.moves);
    }),
    { numRuns: 40 },
  );
});

test('a balanced fleet whose nodes stay takes no move', () => {
  const shape = usualShape('bound', { replicas: 1_200, nodes: 40 });
  const request = usualRequest(shape);
  const first = computePlan(request);
  if (!first.ok) throw new Error('no plan');
  const { summary } = first.value;
  expect(movesLowerBound(request, { ...summary, after: summary.before })).toBe(0);
  expect(movesLowerBound(request, summary)).toBeGreaterThan(0);
});
