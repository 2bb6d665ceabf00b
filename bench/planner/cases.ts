import type { PlanningRequest } from '../../src/domain/planning.ts';
import { atMost, type Bar, mebibyte, movesOverBound } from './bars.ts';
import type { Line } from './bench-line.ts';
import { type FleetShape, generateFleet, type NodeKind, withNodes } from './generate-fleet.ts';
import { fullShare, generateFullFleet } from './generate-full-fleet.ts';
import { hotShardRequest } from './hot-shard.ts';
import { brokenRequest } from './sev0.ts';
import { tabletsRequest } from './tablets.ts';
import { usualRequest, usualShape } from './usual-fleet.ts';

/** One plan of one fleet. */
export interface PlanCase {
  readonly about: string;
  readonly request: () => PlanningRequest;
  readonly bars: readonly Bar[];
  /** Memory that the case needs, about; it is left out where the machine has less. */
  readonly needsBytes?: number;
  /** Figures of this case beyond those of every plan. */
  readonly more?: (line: Line) => Line;
}

const gibibyte = 1_024 * mebibyte;

/** Replicas that a node has on average in all fleets that grow. */
const replicasPerNode = 100;

/** Size of the fleets that differ in one thing each. */
const moderate = { replicas: 100_000, nodes: 1_000 };

type Difference = Partial<FleetShape>;

function fleetCase(about: string, difference: Difference, bars: readonly Bar[] = []): PlanCase {
  return {
    about,
    bars,
    request: () => usualRequest({ ...usualShape('moderate', moderate), ...difference }),
  };
}

function growthCase(replicas: number, more: Partial<PlanCase> = {}): PlanCase {
  const size = { replicas, nodes: replicas / replicasPerNode };
  return {
    about: `${replicas.toLocaleString('en-US')} replicas, a hundred per node`,
    request: () => usualRequest(usualShape('growth', size)),
    bars: [],
    ...more,
  };
}

/** General nodes, some with more processors or more memory, and what is left of an older generation. */
const kinds: readonly NodeKind[] = [
  { share: 0.5, capacity: [1, 1, 1] },
  { share: 0.2, capacity: [2, 1, 2] },
  { share: 0.15, capacity: [1, 3, 1] },
  { share: 0.15, capacity: [0.5, 0.5, 0.5] },
];

export const planCases: Readonly<Record<string, PlanCase>> = {
  million: {
    about: '1,000,000 replicas on 10,000 nodes, three dimensions, peak/mean about 3',
    request: () => usualRequest(usualShape('million', { replicas: 1_000_000, nodes: 10_000 })),
    bars: [
      ...[atMost('peakToMean', 1.03), atMost('millis', 1_000), atMost('peakRssBytes', gibibyte)],
      { what: 'moves / movesLowerBound', value: movesOverBound, most: 1.15 },
    ],
  },
  'meta-265k': {
    about: '265,000 replicas on 3,200 nodes, three dimensions',
    request: () => usualRequest(usualShape('meta-265k', { replicas: 265_000, nodes: 3_200 })),
    bars: [atMost('millis', 300)],
  },
  sev0: {
    about: '1,785,756 replicas on 27,766 nodes, seven dimensions, where 240 moves repair everything',
    request: brokenRequest,
    bars: [
      ...[atMost('violationsAfter', 0), atMost('toVacateAfter', 0)],
      ...[atMost('moves', 240), atMost('millis', 1_000)],
    ],
  },
  tablets: {
    about: '131,072 tablets of three copies on 12,800 cores in five racks, sizes normal',
    request: tabletsRequest,
    // The worst bin over the ideal one, of which the lower bound is the best possible.
    more: ({ peakToMean, lowerBound }) => ({ overcommit: peakToMean, bestOvercommit: lowerBound }),
    bars: [
      { what: 'overcommit / bestOvercommit', value: (line) => 1 + Number(line.gap), most: 1.01 },
      atMost('violationsAfter', 0),
    ],
  },
  'growth-10k': growthCase(10_000),
  'growth-100k': growthCase(100_000),
  'growth-1m': growthCase(1_000_000),
  'growth-10m': growthCase(10_000_000, { needsBytes: 8 * gibibyte }),
  uniform: fleetCase('loads of shards uniform, from 0.5 to 1.5', { loads: 'uniform' }),
  'log-normal': fleetCase('loads of shards log-normal, coefficient of variation 0.66', {}),
  zipf: fleetCase("loads of shards by Zipf's law, exponent 0.5", { loads: 'zipf' }),
  'empty-zone': fleetCase('the tenth zone is new and empty', { emptyZones: 1 }),
  'dead-zone': {
    about: 'all nodes of the tenth zone are dead',
    request: () => {
      const shape = usualShape('moderate', moderate);
      const dead = `z${shape.zones - 1}`;
      const fleet = withNodes(generateFleet(shape), (node) =>
        node.zone === dead ? { ...node, status: 'dead' } : node,
      );
      return usualRequest(shape, fleet);
    },
    bars: [atMost('toVacateAfter', 0), atMost('violationsAfter', 0)],
  },
  'hot-shard': {
    about: 'the leader of one shard has twice the load of a whole mean node',
    request: () => hotShardRequest(usualShape('moderate', moderate)),
    bars: [],
  },
  'near-full': {
    about: 'a fleet at 95% of its capacity, two nodes in a hundred over it',
    request: () => {
      const shape = usualShape('moderate', moderate);
      return usualRequest(shape, generateFullFleet(shape), { targetUtilization: (1 + fullShare) / 2 });
    },
    bars: [atMost('violationsAfter', 0)],
  },
  heterogeneous: fleetCase('four kinds of nodes, loads placed as if they were equal', { kinds }),
  'several-shapes': fleetCase(
    'the same four kinds at 80% of their capacity, where most nodes are over their limits at first',
    { kinds, utilization: 0.8 },
    [atMost('violationsAfter', 0)],
  ),
};
