import { createRandom } from '../base/random.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import { computePlan } from './compute-plan.ts';
import { distinctNodes, fleet, freePolicy, node, requestFor, shard } from './fleet.testing.ts';
import { bestOfLanes, laneRequest, lanesOf } from './plan-lanes.ts';

/** Room for annealing ninety replicas, and little more. */
const maxEvaluations = 150_000;

/**
 * A dozen nodes that thirty shards with three replicas each fill to two thirds, so unevenly that no search gets it quite
 * even: it is annealed, and other seeds end elsewhere.
 */
export function annealedRequest(seed: number, searchLanes = 2): PlanningRequest {
  const random = createRandom(seed);
  const nodes = Array.from({ length: 12 }, (_, n) => node(`n${n}`, 2, { zone: `z${n % 3}` }));
  const shards = Array.from({ length: 30 }, (_, s) => {
    const homes = distinctNodes(random, nodes.length, 3).map((n) => `n${n}`);
    return shard(`s${s}`, homes, [2 + 14 * random.next(), 2 + 14 * random.next()]);
  });
  const policy = freePolicy(['cpu', 'memory'], {
    budget: { maxEvaluations, searchLanes },
    // Balanced enough is nowhere: every node above the mean is worth a look.
    benefit: { balanceTolerance: 0 },
  });
  return requestFor(fleet(['cpu', 'memory'], nodes, shards), policy, { seed });
}

/** The best of the request's lanes, computed one after the other: what every planner is to answer. */
export function planOfLanes(request: PlanningRequest): ReturnType<typeof computePlan> {
  const lanes = Array.from({ length: lanesOf(request) }, (_, lane) => laneRequest(request, lane));
  return bestOfLanes(lanes.map((lane) => computePlan(lane)));
}
