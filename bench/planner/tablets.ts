import type { PlanningRequest } from '../../src/domain/planning.ts';
import { benchPolicy } from './bench-policy.ts';
import { benchRequest } from './bench-request.ts';
import { generateTablets, type TabletShape } from './generate-tablets.ts';

const tabletShape: TabletShape = {
  tablets: 131_072,
  copies: 3,
  machines: 50,
  coresPerMachine: 256,
  racks: 5,
  seed: 1,
};

/** Half of the percent that the bar allows. */
const balanceTolerance = 0.005;

export function tabletsRequest(shape: TabletShape = tabletShape): PlanningRequest {
  const fleet = generateTablets(shape);
  return benchRequest(
    fleet,
    benchPolicy({
      ...{ dimensions: ['size'], nodes: fleet.nodes.length, replicas: shape.tablets * shape.copies },
      ...{ spread: { level: 'rack', minDomains: 3 }, balanceTolerance },
    }),
  );
}
