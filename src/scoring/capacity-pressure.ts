import { ramp, scoreEach } from './distress.ts';
import type { ScoringAdapter, ScoringContext } from './scoring-adapter.ts';

/**
 * Near its limits: with u the largest load over capacity of any dimension,
 * distress = ramp(u, startUtilization, fullUtilization). A dimension in which the node has no capacity counts as full
 * (`maxUtilization`) when it carries load in it, and not at all when it carries none.
 */
export const capacityPressureAdapter: ScoringAdapter = {
  name: 'capacity-pressure',
  description: 'The largest utilisation of any dimension of the node.',
  needs: [],
  parameters: [
    {
      name: 'startUtilization',
      description: 'Share of capacity from which distress begins',
      unit: 'share',
      // Queueing delay doubles between 80% and 90% of capacity.
      default: 0.85,
      minimum: 0,
      maximum: 10,
    },
    {
      name: 'fullUtilization',
      description: 'Share of capacity at which distress is full; not above startUtilization makes it a step',
      unit: 'share',
      default: 1,
      minimum: 0,
      maximum: 10,
    },
  ],
  score(context) {
    const { startUtilization = 0, fullUtilization = 0 } = context.parameters;
    const evidence = Float64Array.from(context.nodes, (_, n) => utilizationOf(context, n));
    return scoreEach(evidence, 'of capacity', (share) => ramp(share, startUtilization, fullUtilization));
  },
};

/** What a load where there is no capacity counts as: far beyond any limit, and still a number to show. */
const maxUtilization = 100;

/** NaN when the node has neither capacity nor load in any dimension. */
function utilizationOf({ nodes, dimensions, nodeLoads }: ScoringContext, n: number): number {
  let most = Number.NaN;
  for (let d = 0; d < dimensions.length; d++) {
    const load = nodeLoads[n * dimensions.length + d];
    const capacity = nodes[n].capacity[d] ?? 0;
    if (!(capacity > 0) && !(load > 0)) continue;
    const share = capacity > 0 ? Math.min(load / capacity, maxUtilization) : maxUtilization;
    if (!(most >= share)) most = share;
  }
  return most;
}
