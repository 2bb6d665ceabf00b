import type { PlanningRequest } from '../../src/domain/planning.ts';
import { totalsOf } from './fleet-sums.ts';
import { type FleetShape, generateFleet } from './generate-fleet.ts';
import { usualRequest } from './usual-fleet.ts';

/** Load of the hot shard's leader over the mean load of a node: no node can be below it. */
const hotness = 2;

/** The usual fleet, in which the leader of the first shard has the load of two mean nodes in every dimension. */
export function hotShardRequest(shape: FleetShape): PlanningRequest {
  const fleet = generateFleet(shape);
  const { replicaLoads } = fleet.shards;
  const width = fleet.dimensions.length;
  for (const [d, total] of totalsOf(replicaLoads, width).entries())
    replicaLoads[d] = (hotness * total) / shape.nodes;
  return usualRequest(shape, fleet);
}
