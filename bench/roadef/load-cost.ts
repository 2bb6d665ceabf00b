import type { PlacementState } from '../../src/planning/placement-state.ts';
import type { ObjectiveTerm } from '../../src/planning/term.ts';
import type { RoadefModel } from '../../src/simulator/roadef-model.ts';

/** Sum over machines and resources of weight × load above safety capacity. */
export function createLoadCost(model: RoadefModel, state: PlacementState): ObjectiveTerm {
  const { load, problem } = state;
  const { target } = problem.nodes;
  const { width } = problem;
  const weights = Float64Array.from(model.resources, (resource) => resource.weight);

  return {
    name: 'load cost',
    level: 'excess',
    delta({ loads, offset, from, to }) {
      let total = 0;
      let left = from * width;
      let right = to * width;
      for (let r = 0; r < width; r++, left++, right++) {
        const amount = loads[offset + r];
        const onLeft = load[left] - target[left];
        const onRight = load[right] - target[right];
        let change = 0;
        if (onLeft > 0) change -= onLeft;
        if (onRight > 0) change -= onRight;
        if (onLeft > amount) change += onLeft - amount;
        if (onRight > -amount) change += onRight + amount;
        total += weights[r] * change;
      }
      return total;
    },
    value() {
      let total = 0;
      for (let at = 0; at < load.length; at++) {
        total += weights[at % width] * Math.max(0, load[at] - target[at]);
      }
      return total;
    },
  };
}
