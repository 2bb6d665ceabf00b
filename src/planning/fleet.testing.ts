import type { Random } from '../base/random.ts';
import type { Node } from '../domain/node.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import type { DimensionPolicy, Policy } from '../domain/policy.ts';
import { defaultPolicy } from '../domain/policy-defaults.ts';
import { defaultDimensionPolicy } from '../domain/policy-dimensions.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { buildSnapshot, type ShardInput } from '../domain/snapshot-builder.ts';

/** A node with room for 100 of everything, alive and active, unless told otherwise. */
export function node(id: string, dimensions: number, change: Partial<Node> = {}): Node {
  return {
    id,
    region: 'r1',
    zone: 'z1',
    rack: 'k1',
    labels: {},
    weight: 1,
    status: 'alive',
    adminState: 'active',
    capacity: Array.from({ length: dimensions }, () => 100),
    signals: {},
    ...change,
  };
}

/** A shard whose replicas lie on the named nodes, the first one leading, all with the same loads. */
export function shard(
  id: string,
  nodes: readonly string[],
  loads: readonly number[],
  change: Partial<ShardInput> = {},
): ShardInput {
  return {
    id,
    version: 7,
    status: 'active',
    group: '',
    replicas: nodes.map((name, number) => ({
      number,
      node: name,
      leads: number === 0,
      bytes: 1_000_000,
      loads,
    })),
    ...change,
  };
}

/** A checked snapshot of the fleet; throws when the test wrote nonsense. */
export function fleet(
  dimensions: readonly string[],
  nodes: readonly Node[],
  shards: readonly ShardInput[],
): Snapshot {
  const built = buildSnapshot({
    cluster: 'c',
    namespace: 'n',
    takenAt: 1_700_000_000_000,
    dimensions: dimensions.map((name) => ({ name, unit: 'u' })),
    nodes,
    shards,
    quality: { completeness: 1, stalenessMs: 0, sources: [] },
  });
  if (!built.ok) throw new Error(built.error.map((problem) => problem.message).join('; '));
  return built.value;
}

/** A policy under which tests of the search are not held up: no prices, the whole fleet may move. */
export function freePolicy(dimensions: readonly string[], change: PolicyChange = {}): Policy {
  const base = defaultPolicy('c', 'n');
  return {
    ...base,
    dimensions: dimensions.map(
      (name): DimensionPolicy => ({ ...defaultDimensionPolicy(name), ...change.dimension }),
    ),
    budget: {
      maxMoves: 100_000,
      maxBytes: Number.MAX_SAFE_INTEGER,
      maxShareOfShards: 1,
      maxEvaluations: 200_000_000,
      maxSearchMs: 60_000,
      searchLanes: 2,
      ...change.budget,
    },
    benefit: {
      ...base.benefit,
      minPlanGain: 0,
      minGainPerPrice: 0,
      pricePerMove: 0.0001,
      pricePerGiB: 0,
      balanceTolerance: 0.02,
      ...change.benefit,
    },
    placement: { ...base.placement, ...change.placement },
    concurrency: { ...base.concurrency, ...change.concurrency },
  };
}

export interface PolicyChange {
  readonly dimension?: Partial<DimensionPolicy>;
  readonly budget?: Partial<Policy['budget']>;
  readonly benefit?: Partial<Policy['benefit']>;
  readonly placement?: Partial<Policy['placement']>;
  readonly concurrency?: Partial<Policy['concurrency']>;
}

/** A request without distress, cooldowns or a seed of its own. */
export function requestFor(
  snapshot: Snapshot,
  policy: Policy,
  change: Partial<PlanningRequest> = {},
): PlanningRequest {
  return {
    snapshot,
    policy,
    distress: new Float64Array(snapshot.nodes.length),
    seed: 1,
    frozenShards: new Int32Array(0),
    frozenNodes: new Int32Array(0),
    task: { kind: 'improve' },
    ...change,
  };
}

/** Distinct node indices, uniformly. */
export function distinctNodes(random: Random, nodes: number, count: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, nodes)) chosen.add(random.integer(nodes));
  return [...chosen];
}
