import type { PlacementState } from '../../src/planning/placement-state.ts';
import type { ObjectiveTerm } from '../../src/planning/term.ts';
import type { RoadefModel } from '../../src/simulator/roadef-model.ts';

/** Sum over machines and balance triples of weight × max(0, target × free first resource - free second resource). */
export function createBalanceCost(model: RoadefModel, state: PlacementState): ObjectiveTerm {
  const { load, problem } = state;
  const { capacity } = problem.nodes;
  const { width, nodeCount } = problem;
  const { balances } = model;

  return {
    name: 'balance cost',
    level: 'excess',
    delta({ loads, offset, from, to }) {
      let total = 0;
      for (let b = 0; b < balances.length; b++) {
        const { first, second, target, weight } = balances[b];
        const shift = target * loads[offset + first] - loads[offset + second];
        const onLeft = missing(from * width, first, second, target);
        const onRight = missing(to * width, first, second, target);
        let change = 0;
        if (onLeft > 0) change -= onLeft;
        if (onRight > 0) change -= onRight;
        if (onLeft > -shift) change += onLeft + shift;
        if (onRight > shift) change += onRight - shift;
        total += weight * change;
      }
      return total;
    },
    value() {
      let total = 0;
      for (const { first, second, target, weight } of balances) {
        for (let node = 0; node < nodeCount; node++) {
          total += weight * Math.max(0, missing(node * width, first, second, target));
        }
      }
      return total;
    },
  };

  function missing(row: number, first: number, second: number, target: number): number {
    const free = capacity[row + first] - load[row + first];
    return target * free - (capacity[row + second] - load[row + second]);
  }
}
