import type { Problem } from '../domain/problem.ts';
import { replicasPerNode } from './build-constraints.ts';
import { capacityLimits } from './constraints/capacity.ts';
import { strandedReplicas } from './obstacles.ts';
import type { PlacementState } from './placement-state.ts';
import type { SearchEngine } from './search/search-engine.ts';

/** Conflicts reported at once. */
const maxConflicts = 20;

/**
 * The rules in conflict when something must be placed and cannot be, whatever else moves: PLACEMENT_INFEASIBLE, one
 * problem per distinct set of rules. Empty when at least one stranded replica is only held up for now (a budget, a
 * cooldown, a lack of room that other moves could make): that is an obstacle, not a contradiction.
 */
export function findConflicts(engine: SearchEngine): readonly Problem[] {
  const { state } = engine;
  const { problem } = state;
  const conflicts = new Map<string, { count: number; example: number }>();
  for (const replica of strandedReplicas(state, engine.constraints)) {
    if (problem.immobile[problem.shardOf[replica]] !== 0) return [];
    const rules = conflictOf(state, replica);
    if (rules === null) return [];
    const known = conflicts.get(rules);
    if (known) known.count += 1;
    else conflicts.set(rules, { count: 1, example: replica });
  }
  return [...conflicts].slice(0, maxConflicts).map(([rules, { count, example }]) => {
    const shard = problem.shards.ids[problem.shardOf[example]];
    return {
      code: 'PLACEMENT_INFEASIBLE',
      message: `${count} ${count === 1 ? 'replica has' : 'replicas have'} no place, for instance of shard ${shard}: no node satisfies ${rules}`,
      subject: `shard/${shard}`,
      value: count,
      limit: rules,
      remedy: 'Relax one of the rules named, add nodes, or take nodes back into service.',
    };
  });
}

/** The rules that together leave the replica no node, however the others are placed; null when one may be found. */
function conflictOf(state: PlacementState, replica: number): string | null {
  const { problem, nodeOf } = state;
  const shard = problem.shardOf[replica];
  const { takes } = problem.nodes;
  if (!takes.includes(1)) return 'a node that is alive and active (none is)';
  const rules = new Set<string>();
  const limits = capacityLimits(state);
  const shardClass = problem.classes.classes[problem.classes.ofShard[shard]];
  const usable: number[] = [];
  for (let node = 0; node < problem.nodeCount; node++) {
    if (takes[node] === 0) continue;
    if (shardClass.allowed !== null && shardClass.allowed[node] === 0) {
      for (const rule of shardClass.rules) rules.add(rule);
      continue;
    }
    const tooLarge = oversizedDimension(state, limits, replica, node);
    if (tooLarge !== null) {
      rules.add(`the hard limit of ${tooLarge}`);
      continue;
    }
    if (replicasPerNode(state) < 1) {
      rules.add('the limit of replicas per node');
      continue;
    }
    usable.push(node);
  }
  if (usable.length === 0) return [...rules].join(', ');
  const offsets = problem.shards.replicaOffsets;
  const copies = offsets[shard + 1] - offsets[shard];
  if (copies > usable.length && problem.nodes.vacate[nodeOf[replica]] === 1) {
    rules.add(`distinct nodes for ${copies} replicas (${usable.length} could take one)`);
    return [...rules].join(', ');
  }
  return spreadConflict(state, problem.spreadRuleOf[shard], copies, usable, rules);
}

function spreadConflict(
  state: PlacementState,
  ruleIndex: number,
  copies: number,
  usable: readonly number[],
  rules: Set<string>,
): string | null {
  if (ruleIndex < 0) return null;
  const { problem } = state;
  const rule = problem.request.policy.placement.spread[ruleIndex];
  const domains = new Set(usable.map((node) => problem.nodes.domains[rule.level].ofNode[node])).size;
  const required = Math.min(rule.minDomains, copies);
  const most = rule.maxPerDomain > 0 ? domains * rule.maxPerDomain : Number.POSITIVE_INFINITY;
  if (domains >= required && most >= copies) return null;
  rules.add(
    `placement.spread[${ruleIndex}] for ${copies} replicas (${domains} of level ${rule.level} could take one)`,
  );
  return [...rules].join(', ');
}

/** A dimension in which the replica alone is more than the node may carry, or null. */
function oversizedDimension(
  state: PlacementState,
  limits: Float64Array,
  replica: number,
  node: number,
): string | null {
  const { width, loads, dimensions } = state.problem;
  for (let d = 0; d < width; d++) {
    if (loads[state.rowOf[replica] * width + d] > limits[node * width + d] * (1 + 1e-12))
      return dimensions[d].name;
  }
  return null;
}
