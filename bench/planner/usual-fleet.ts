import type { PlanningRequest } from '../../src/domain/planning.ts';
import { type BenchPolicyShape, benchPolicy } from './bench-policy.ts';
import { benchRequest } from './bench-request.ts';
import { type FleetShape, generateFleet } from './generate-fleet.ts';
import { usualHeat } from './node-heat.ts';

/** Mean load over capacity: three times the mean still is below capacity, as a fleet that runs must be. */
const utilization = 0.3;

/** The fleet that most cases are, in its size: three copies over ten zones, log-normal loads in three dimensions. */
export function usualShape(name: string, size: { replicas: number; nodes: number }): FleetShape {
  const dimensions = ['cpu', 'memory', 'requests'];
  return {
    ...{ name, ...size, dimensions, copies: 3, zones: 10, loads: 'logNormal', heat: usualHeat },
    ...{ utilization, seed: 1 },
  };
}

/** A plan for such a fleet under the policy of the benchmarks. */
export function usualRequest(
  shape: FleetShape,
  fleet = generateFleet(shape),
  policy: Partial<BenchPolicyShape> = {},
): PlanningRequest {
  const spread = { level: 'zone', minDomains: 3 } as const;
  return benchRequest(fleet, benchPolicy({ ...shape, spread, ...policy }));
}
