import type { PlanningRequest } from '../../src/domain/planning.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';

/** A request without distress and cooldowns. */
export function benchRequest(snapshot: Snapshot, policy: Policy): PlanningRequest {
  return {
    snapshot,
    policy,
    distress: new Float64Array(snapshot.nodes.length),
    seed: 1,
    frozenShards: new Int32Array(0),
    frozenNodes: new Int32Array(0),
    task: { kind: 'improve' },
  };
}
