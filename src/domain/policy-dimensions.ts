import { replicaCountDimension } from './dimension.ts';
import type { DimensionPolicy, Policy } from './policy.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * What the policy wants of each dimension that is balanced. A policy that lists dimensions balances exactly those, in
 * its order; one that lists none balances every dimension of the snapshot with our defaults, and a snapshot without
 * any dimension is balanced by its number of replicas. A listed dimension need not be in the snapshot only when it is
 * `replicas`, which the planner counts itself; `validatePolicy` refuses any other.
 */
export function dimensionPolicies(
  policy: Pick<Policy, 'dimensions'>,
  snapshot: Pick<Snapshot, 'dimensions'>,
): readonly DimensionPolicy[] {
  if (policy.dimensions.length > 0) return policy.dimensions;
  const names = snapshot.dimensions.map((dimension) => dimension.name);
  return (names.length > 0 ? names : [replicaCountDimension]).map(defaultDimensionPolicy);
}

/** Our defaults for one dimension. */
export function defaultDimensionPolicy(name: string): DimensionPolicy {
  return {
    name,
    // Dimensions matter equally until somebody knows better.
    weight: 1,
    // Leaves a fifth of every node for bursts, for what a dead neighbour leaves behind, and for moves in flight.
    targetUtilization: 0.8,
    // Capacity is what the node can carry: placement never plans beyond it.
    hardLimit: 1,
    // Bytes at rest exist twice while a copy runs; work (cpu, requests, backlog) follows the leader or the owner at once.
    transient: transientByNature.has(name),
    // Long enough that a burst of seconds does not move shards, short enough to follow a daily curve.
    smoothing: { kind: 'ewma', halfLifeMs: 60_000 },
  };
}

const transientByNature: ReadonlySet<string> = new Set(['disk', 'memory', 'storage']);
