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
        // max(0, x) is (x + |x|) / 2, and what is linear cancels out: without branches, which nobody could foretell here.
        const change =
          Math.abs(onLeft - amount) - Math.abs(onLeft) + Math.abs(onRight + amount) - Math.abs(onRight);
        total += weights[r] * change;
      }
      return total / 2;
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
