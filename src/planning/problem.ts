import { ok, type Result } from '../base/result.ts';
import type { PlanningRequest } from '../domain/planning.ts';
import type { SpreadRule } from '../domain/policy.ts';
import type { Problem } from '../domain/problem.ts';
import { type ShardTable, shardStatuses } from '../domain/snapshot.ts';
import { type InitialPlacement, sumInitialPlacement } from './initial-placement.ts';
import { buildNodeColumns, type NodeColumns } from './node-columns.ts';
import { buildPlacementClasses, type PlacementClasses } from './placement-classes.ts';
import { type ProblemDimension, problemDimensions } from './problem-dimensions.ts';
import { selectShards } from './shard-selector.ts';

/**
 * A planning request in dense indices. Nodes, shards and replicas keep their indices of the snapshot; dimensions are
 * the policy's. Immutable: what changes while the search runs is `PlacementState`.
 */
export interface PlanningProblem {
  readonly request: PlanningRequest;
  /** `PlannerExtension`s, read by `extensionsOf`; their type stands on this one, so it cannot be named here. */
  readonly extensions: readonly object[];
  readonly shards: ShardTable;
  readonly nodeCount: number;
  readonly shardCount: number;
  readonly replicaCount: number;
  readonly dimensions: readonly ProblemDimension[];
  readonly width: number;
  readonly nodes: NodeColumns;
  /** replicas × dimensions of the problem, row per replica. */
  readonly loads: Float64Array;
  /** Total load per dimension. */
  readonly totals: Float64Array;
  /** Sums over the snapshot's placement. */
  readonly initial: InitialPlacement;
  /** Shard per replica. */
  readonly shardOf: Int32Array;
  /** Why a shard may not move, `immobility` per shard. */
  readonly immobile: Uint8Array;
  /** Whether there is a shard that may not move: where there is none, nobody has to look at each. */
  readonly holdsImmobile: boolean;
  readonly classes: PlacementClasses;
  /** One entry per level that spread rules speak of. */
  readonly spreadLevels: readonly SpreadLevelRules[];
  /** Whether transient dimensions stay on the source until the whole plan has ended. */
  readonly holdsForPlan: boolean;
}

/** The spread rules of one level. */
export interface SpreadLevelRules {
  readonly level: SpreadRule['level'];
  /** Index of the first rule of this level. */
  readonly first: number;
  /** Index of the first rule of this level that selects the shard, per shard; -1 for none. Null where it is `first` for all. */
  readonly ruleOf: Int32Array | null;
}

/** Index of the rule of the level that the shard keeps; -1 for none. */
export function spreadRuleOf({ first, ruleOf }: SpreadLevelRules, shard: number): number {
  return ruleOf === null ? first : ruleOf[shard];
}

/** Why a shard stays: 0 it may move. */
export const immobility = { none: 0, cooldown: 1, status: 2, pin: 3 } as const;

/** Builds the problem. Problem: POLICY_DIMENSION_UNKNOWN. */
export function buildProblem(
  request: PlanningRequest,
  extensions: readonly object[] = [],
): Result<PlanningProblem, readonly Problem[]> {
  const { snapshot, policy } = request;
  const dimensions = problemDimensions(policy, snapshot);
  if (!dimensions.ok) return dimensions;
  const shards = snapshot.shards;
  const replicaCount = shards.replicaNodes.length;
  const taking = snapshot.nodes.filter(
    (node) => node.status === 'alive' && node.adminState === 'active',
  ).length;
  const nodes = buildNodeColumns({
    nodes: snapshot.nodes,
    dimensions: dimensions.value,
    distress: request.distress,
    maxDerate: policy.scoring.maxDerate,
    frozenNodes: request.frozenNodes,
    meanReplicas: replicaCount / Math.max(1, taking),
    maxReplicasPerNode: policy.placement.maxReplicasPerNode,
  });
  const loads = problemLoads(shards, snapshot.dimensions.length, dimensions.value);
  const classes = buildPlacementClasses(snapshot, policy.placement);
  const immobile = immobileShards(request, classes);
  const initial = sumInitialPlacement(shards, loads, snapshot.nodes.length, dimensions.value.length);
  return ok({
    request,
    extensions,
    shards,
    nodeCount: snapshot.nodes.length,
    shardCount: shards.ids.length,
    replicaCount,
    dimensions: dimensions.value,
    width: dimensions.value.length,
    nodes,
    loads,
    totals: initial.totals,
    initial,
    shardOf: shardOfReplica(shards),
    immobile,
    holdsImmobile: holdsAny(immobile),
    classes,
    spreadLevels: spreadLevels(request),
    holdsForPlan:
      policy.placement.transientHold === 'plan' && dimensions.value.some((dimension) => dimension.transient),
  });
}

/** The snapshot's rows in the problem's dimensions; the snapshot's own array when the two are the same. */
function problemLoads(
  shards: ShardTable,
  snapshotWidth: number,
  dimensions: readonly ProblemDimension[],
): Float64Array {
  const width = dimensions.length;
  if (width === snapshotWidth && dimensions.every((dimension, d) => dimension.column === d)) {
    return shards.replicaLoads;
  }
  const rows = shards.replicaNodes.length;
  const loads = new Float64Array(rows * width);
  for (let d = 0; d < width; d++) {
    const column = dimensions[d].column;
    for (let r = 0; r < rows; r++) {
      loads[r * width + d] = column < 0 ? 1 : shards.replicaLoads[r * snapshotWidth + column];
    }
  }
  return loads;
}

function shardOfReplica(shards: ShardTable): Int32Array {
  const { replicaOffsets, replicaNodes } = shards;
  const shardOf = new Int32Array(replicaNodes.length);
  let shard = 0;
  for (let r = 0; r < shardOf.length; r++) {
    while (r >= replicaOffsets[shard + 1]) shard += 1;
    shardOf[r] = shard;
  }
  return shardOf;
}

function immobileShards(request: PlanningRequest, classes: PlacementClasses): Uint8Array {
  const { shards } = request.snapshot;
  const paused = shardStatuses.indexOf('paused');
  const disabled = shardStatuses.indexOf('disabled');
  const immobile = new Uint8Array(shards.ids.length);
  for (let s = 0; s < immobile.length; s++) {
    const status = shards.statuses[s];
    if (status === paused || status === disabled) immobile[s] = immobility.status;
    else if (classes.stays[s] === 1) immobile[s] = immobility.pin;
  }
  // Cooldowns belong to the search: a rollback or a manual plan is judged by its guardrails instead.
  if (request.task.kind === 'improve') {
    for (const shard of request.frozenShards)
      if (immobile[shard] === 0) immobile[shard] = immobility.cooldown;
  }
  return immobile;
}

function holdsAny(immobile: Uint8Array): boolean {
  for (let shard = 0; shard < immobile.length; shard++) if (immobile[shard] !== immobility.none) return true;
  return false;
}

/** The first rule that selects a shard is the one that it keeps. */
/** Levels in the order in which the policy first speaks of them. */
function spreadLevels({ snapshot, policy }: PlanningRequest): readonly SpreadLevelRules[] {
  const { shards } = snapshot;
  const { spread } = policy.placement;
  return [...new Set(spread.map((rule) => rule.level))].map((level) => {
    const first = spread.findIndex((rule) => rule.level === level);
    if (selectShards(spread[first].select, shards) === null) return { level, first, ruleOf: null };
    const ruleOf = new Int32Array(shards.ids.length).fill(-1);
    for (const [index, rule] of spread.entries()) {
      if (rule.level !== level) continue;
      const selected = selectShards(rule.select, shards);
      for (let shard = 0; shard < ruleOf.length; shard++) {
        if (ruleOf[shard] < 0 && (selected === null || selected[shard] === 1)) ruleOf[shard] = index;
      }
      if (selected === null) break;
    }
    return { level, first, ruleOf };
  });
}
