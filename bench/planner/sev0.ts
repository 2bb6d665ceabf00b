import type { PlanningRequest } from '../../src/domain/planning.ts';
import { benchPolicy } from './bench-policy.ts';
import { benchRequest } from './bench-request.ts';
import { type BrokenFleetShape, generateBrokenFleet } from './generate-broken-fleet.ts';

/** Fleet in which 100 + 2 × 40 + 60 = 240 replicas are where they must not be, and nothing else is wrong. */
export const sev0Shape: BrokenFleetShape = {
  name: 'sev0',
  replicas: 1_785_756,
  nodes: 27_766,
  dimensions: ['cpu', 'memory', 'requests', 'network', 'connections', 'queue', 'disk'],
  copies: 3,
  zones: 10,
  crowded: 100,
  draining: 2,
  leftOnDraining: 40,
  overfull: 60,
  seed: 1,
};

/** Disk is limited and not balanced: that a disk is fuller than another hurts nobody. */
export function brokenRequest(shape: BrokenFleetShape = sev0Shape): PlanningRequest {
  const spread = { level: 'zone', minDomains: 3 } as const;
  return benchRequest(
    generateBrokenFleet(shape),
    benchPolicy({ ...shape, spread, weights: { disk: 0 }, targetUtilization: 0.9 }),
  );
}
